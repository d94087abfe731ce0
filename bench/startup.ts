import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Row } from "./table.ts";

/** Whole processes in one batch; the clock of the kernel ticks every 10 ms, so a batch gives 0.5 ms. */
const BATCH = 20;
const ROUNDS = 5;
/** Clock ticks per second in /proc, fixed at 100 on Linux. */
const TICK_MS = 10;

interface Subject {
  readonly name: string;
  readonly args: readonly string[];
}

/** CPU of whole processes of the built program, over bare node in the same rounds (Linux). */
export function benchStartup(options: { readonly quick: boolean }): readonly Row[] {
  const home = mkdtempSync(join(tmpdir(), "sle-bench-startup-"));
  try {
    const bin = join(import.meta.dirname, "..", "dist", "bin.js");
    const think = [bin, "--home", home, "think", "measure me"];
    spawnSync(process.execPath, think);
    const subjects: readonly Subject[] = [
      { name: "node -e 0", args: ["-e", "0"] },
      { name: "sle --version", args: [bin, "--version"] },
      { name: "sle think", args: think },
    ];
    const cpuMs = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
    for (let round = 0; round < (options.quick ? 2 : ROUNDS); round += 1) {
      for (const { name, args } of subjects) cpuMs.get(name)?.push(batchCpuMs(args));
    }
    const bare = median(cpuMs.get("node -e 0") ?? []);
    const over = (name: string): number => median(cpuMs.get(name) ?? []) - bare;
    const note = `bare node ${bare.toFixed(1)} ms CPU, medians of ${options.quick ? 2 : ROUNDS} x ${BATCH}`;
    return [
      {
        name: "sle --version over bare node",
        value: over("sle --version"),
        unit: "ms CPU",
        goal: "<= 25",
        note,
      },
      {
        name: "sle think over bare node",
        value: over("sle think"),
        unit: "ms CPU",
        goal: "<= 40",
        note,
      },
      {
        name: "sle think over bare node, relative",
        value: over("sle think") / bare,
        unit: "of bare",
        goal: "",
        note: "how much of it is the speed of this machine",
      },
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function batchCpuMs(args: readonly string[]): number {
  const before = childrenTicks();
  for (let index = 0; index < BATCH; index += 1) {
    const result = spawnSync(process.execPath, args, { stdio: "ignore" });
    if (result.status !== 0) throw new Error(`${args.join(" ")} ended with ${result.status}`);
  }
  return ((childrenTicks() - before) * TICK_MS) / BATCH;
}

/** Ticks of user and system time of all children that were waited for. */
function childrenTicks(): number {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[13]) + Number(fields[14]);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
