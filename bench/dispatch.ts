import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchDaemon, startDaemon } from "./daemon.ts";
import type { Row } from "./table.ts";

const FROM = { by: "bench", source: "cli" } as const;
/** Probes before the first that counts: code is loaded and the disk is warm then. */
const WARM_UP = 5;
const DRAINED = 100;

/** From a stored task to the first instruction of its agent's process, and how fast a queue drains. */
export async function benchDispatch(options: { readonly quick: boolean }): Promise<readonly Row[]> {
  return [...(await measure("sandbox", options)), ...(await measure("process", options))];
}

async function measure(
  level: "sandbox" | "process",
  options: { readonly quick: boolean },
): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "sle-bench-dispatch-"));
  const place = join(folder, "place");
  const started = join(place, "started");
  await mkdir(place);
  await writeFile(started, "");
  try {
    await using daemon = await startDaemon({ config: configFor(level, place) });
    const waitsMs = await probe(daemon, started, options.quick ? 40 : 200);
    const drainMs = await drain(daemon);
    const note = `${waitsMs.length} probes at random moments, one at a time; min ${quantile(waitsMs, 0).toFixed(0)} ms`;
    const name = (text: string): string => `${text} (${level})`;
    return [
      row(name("eligible to agent started, p50"), quantile(waitsMs, 0.5), "ms", "< 100", note),
      row(name("eligible to agent started, p99"), quantile(waitsMs, 0.99), "ms", "< 300", note),
      row(
        name(`draining ${DRAINED} zero-time tasks`),
        drainMs / 1000,
        "s",
        "< 10",
        "4 at once; workspace, run and kept results of each included",
      ),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function configFor(level: string, place: string): string {
  return `attempts: { parallel_max: 4, attempts_max: 1 }
resources: { memory_free_min: null, disk_free_min: null }
isolation: { level: ${level}, writable: [${place}] }
executors:
  default: probe
  commands:
    probe: { command: [/bin/bash, --norc, -c, 'printf "%s\\n" "$EPOCHREALTIME" >> ${place}/started'] }
    nothing: { command: [/bin/true] }
`;
}

async function probe(daemon: BenchDaemon, started: string, probes: number): Promise<number[]> {
  const waitsMs: number[] = [];
  for (let index = 0; index < probes + WARM_UP; index += 1) {
    await sleep(Math.random() * 500);
    await submit(daemon, "probe");
    const committedAtMs = performance.timeOrigin + performance.now();
    await untilEmpty(daemon);
    const lines = (await readFile(started, "utf8")).trim().split("\n");
    if (lines.length !== index + 1) throw new Error(`probe ${index} did not start its agent`);
    if (index >= WARM_UP) waitsMs.push(Number(lines.at(-1)) * 1000 - committedAtMs);
  }
  return waitsMs;
}

async function drain(daemon: BenchDaemon): Promise<number> {
  const startedAtMs = performance.now();
  for (let index = 0; index < DRAINED; index += 1) await submit(daemon, "nothing");
  await untilEmpty(daemon);
  return performance.now() - startedAtMs;
}

async function submit(daemon: BenchDaemon, executor: string): Promise<void> {
  const submitted = await daemon.tasks.submit({ text: "measure me", executor }, FROM);
  if (!submitted.ok) throw new Error(submitted.problem.message);
}

async function untilEmpty(daemon: BenchDaemon): Promise<void> {
  for (;;) {
    const counts = await daemon.store.tasks.counts();
    if (counts.queued + counts.running === 0) return;
    await sleep(5);
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function row(name: string, value: number, unit: string, goal: string, note: string): Row {
  return { name, value, unit, goal, note };
}
