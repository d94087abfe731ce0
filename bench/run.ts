// Measures what the program promises, each figure beside its goal and the raw limit of the same run.
// node bench/run.ts [--quick] [--only startup|dispatch|idle|queue] [--write]
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchDispatch } from "./dispatch.ts";
import { benchIdle } from "./idle.ts";
import { benchQueue } from "./queue.ts";
import { benchStartup } from "./startup.ts";
import { type Row, isMet, tableOf } from "./table.ts";

type Bench = (options: { readonly quick: boolean }) => readonly Row[] | Promise<readonly Row[]>;

const BENCHES: Readonly<Record<string, Bench>> = {
  startup: benchStartup,
  dispatch: benchDispatch,
  idle: benchIdle,
  queue: benchQueue,
};
const ROOT = join(import.meta.dirname, "..");

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    write: { type: "boolean", default: false },
  },
});

build();
const loadBefore = load();
const rows: Row[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (values.only !== undefined && values.only !== name) continue;
  process.stderr.write(`measuring ${name}\n`);
  rows.push(...(await bench({ quick: values.quick })));
}
const missed = rows.filter((row) => !isMet(row)).length;
const report = [
  `${machine()}; load ${loadBefore} before, ${load()} after`,
  "",
  tableOf(rows),
  "",
  `${rows.length} figures, ${missed} goals missed`,
].join("\n");
process.stdout.write(`${report}\n`);
if (values.write) {
  const command = `node bench/run.ts${values.quick ? " --quick" : ""}`;
  const date = new Date().toISOString().slice(0, 10);
  const text = `# Results\n\n\`${command}\`, ${date}\n\n\`\`\`text\n${report}\n\`\`\`\n`;
  writeFileSync(join(import.meta.dirname, "RESULTS.md"), text);
}

function build(): void {
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const built = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (built.status !== 0) throw new Error("The program does not build");
}

function machine(): string {
  const [first] = cpus();
  const model = first?.model.trim() ?? "unknown processor";
  return `${cpus().length} x ${model}, node ${process.version}, sqlite ${process.versions["sqlite"] ?? "?"}`;
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
