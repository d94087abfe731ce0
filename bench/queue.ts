import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fill } from "./queue-fill.ts";
import { benchLatency } from "./queue-latency.ts";
import { type Compared, compare } from "./queue-rounds.ts";
import { type Row, tableOf } from "./table.ts";

const SIZES = [100, 100_000, 1_000_000];
const SIZES_QUICK = [100, 100_000];
/** Single calls are measured at this size. */
const LATENCY_SIZE = 100_000;

/** Measures the durable queue against the disk's own limit in the same run. */
export async function benchQueue(options: { readonly quick: boolean }): Promise<readonly Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-queue-"));
  const rows: Row[] = [];
  let errors = 0;
  try {
    for (const queued of options.quick ? SIZES_QUICK : SIZES) {
      const database = `${queued}.db`;
      await fill(join(folder, database), queued);
      for (const [processes, mode] of [
        [1, "direct"],
        [4, "direct"],
        [1, "thread"],
      ] as const) {
        const pairs = options.quick ? 6 : 20;
        const place = { folder, database, processes, mode };
        const compared = await compare({ ...place, pairs, roundMs: 250 });
        errors += compared.errors.length;
        rows.push(ratioRow(compared, queued, processes, mode));
      }
      if (queued === LATENCY_SIZE) {
        rows.push(...(await benchLatency(join(folder, database), queued, options)));
      }
      await rm(join(folder, database));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const note = "errors of any kind that reached a caller in all rounds above";
  return [...rows, { name: "failed calls", value: errors, unit: "", goal: "= 0", note }];
}

function ratioRow(
  { bare, store, ratios, errors }: Compared,
  queued: number,
  processes: number,
  mode: "direct" | "thread",
): Row {
  const at = (part: number): number => ratios[Math.floor(ratios.length * part)] ?? 0;
  const by = processes === 1 ? "1 process" : `${processes} processes`;
  const inThread = mode === "thread" ? ", store in its own thread" : "";
  const numbers = `${store.toFixed(0)} of ${bare.toFixed(0)} bare commits/s`;
  const spread = `quartiles ${at(0.25).toFixed(2)} to ${at(0.75).toFixed(2)}, all ${(store / bare).toFixed(2)}`;
  const first = errors[0] === undefined ? "" : `; first error: ${errors[0]}`;
  return {
    name: `submit + admit + conclude at ${queued} queued, ${by}${inThread}`,
    value: at(0.5),
    unit: "of bare",
    goal: mode === "thread" ? "" : ">= 0.6",
    note: `${numbers}; ${spread}${first}`,
  };
}

if (import.meta.main) {
  const rows = await benchQueue({ quick: process.argv.includes("--quick") });
  console.log(tableOf(rows));
  console.log(`load ${loadavg()[0]?.toFixed(1)}`);
}
