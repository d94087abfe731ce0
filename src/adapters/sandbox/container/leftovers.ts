import { readlinkSync } from "node:fs";
import type { ProcessTable } from "../../process/process-table.ts";
import { type Engine } from "./engine.ts";
import { removeArgs } from "./guard.ts";
import { LABEL } from "./run-args.ts";

/**
 * Begins the names of all containers of one process. Told are its number, its start and its PID
 * namespace: an engine may be shared with machines in which other processes have our number.
 */
export function namePrefixOf(table: ProcessTable, pid: number, namespace: string): string {
  return `sle-${namespace}-${pid}-${table.identify(pid)?.startTicks ?? 0}-`;
}

/** The number of our own PID namespace. */
export function ownNamespace(): string {
  return /\d+/u.exec(readlinkSync("/proc/self/ns/pid"))?.[0] ?? "0";
}

/** Ends and removes the containers of processes that are gone; those of the living are left alone. */
export async function removeLeftovers(
  { name, ask }: Engine,
  table: ProcessTable,
  namespace: string,
): Promise<void> {
  const args = ["ps", "--all", "--filter", `label=${LABEL}`, "--format", "{{.Names}}"];
  const { stdout } = await ask(args);
  for (const container of stdout.split("\n")) {
    const [, where, pid, start] = /^sle-(\d+)-(\d+)-(\d+)-/u.exec(container) ?? [];
    if (where !== namespace || String(table.identify(Number(pid))?.startTicks) === start) continue;
    await ask([...removeArgs(name), container]);
  }
}
