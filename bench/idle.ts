import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { startDaemon } from "./daemon.ts";
import type { Row } from "./table.ts";

/** Clock ticks per second in /proc, fixed at 100 on Linux. */
const TICK_MS = 10;
const QUEUED = 1000;
const SETTLE_MS = 5000;

/** What a daemon with nothing to start takes: CPU over a while, and memory (Linux). */
export async function benchIdle(options: { readonly quick: boolean }): Promise<readonly Row[]> {
  const forMs = options.quick ? 20_000 : 60_000;
  const config =
    "executors: { default: nothing, commands: { nothing: { command: [/bin/true] } } }\n";
  await using daemon = await startDaemon({
    config,
    prepare: async (store) => {
      await store.shared.setAdmission({ mode: "paused", until: null, by: "bench" }, Date.now());
    },
  });
  for (let index = 0; index < QUEUED; index += 1) {
    await daemon.tasks.submit({ text: `wait ${index}` }, { by: "bench", source: "cli" });
  }
  await sleep(SETTLE_MS);
  const before = await ticksOf(daemon.pid);
  await sleep(forMs);
  const share = (((await ticksOf(daemon.pid)) - before) * TICK_MS) / forMs;
  const { rssMb, ownMb } = await memoryOf(daemon.pid);
  const note = `over ${forMs / 1000} s, admission paused, ${QUEUED} tasks queued`;
  return [
    { name: "idle daemon, CPU", value: share * 100, unit: "% of a core", goal: "<= 0.3", note },
    {
      name: "idle daemon, resident",
      value: rssMb,
      unit: "MB",
      goal: "<= 90",
      note: "VmRSS, pages of the node program included",
    },
    { name: "idle daemon, its own", value: ownMb, unit: "MB", goal: "", note: "private pages" },
  ];
}

async function ticksOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

async function memoryOf(pid: number): Promise<{ readonly rssMb: number; readonly ownMb: number }> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kibOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "mu").exec(rollup)?.[1] ?? Number.NaN);
  const toMb = (kib: number): number => (kib * 1024) / 1e6;
  return {
    rssMb: toMb(kibOf("Rss")),
    ownMb: toMb(kibOf("Private_Clean") + kibOf("Private_Dirty")),
  };
}
