import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLauncher } from "../../src/adapters/process/launcher.ts";
import { openSandbox } from "../../src/adapters/sandbox/open-sandbox.ts";
import { type Played, playBatch, type Stage } from "./play.ts";

// `npm run test:restore -- 500` for another number of states; SEED=7 draws the same ones again.

const STATES_DEFAULT = 5000;
const BATCH = 25;
const AT_ONCE = 3;
/** Every so many batches are read and written behind the fence. */
const FENCED_EVERY = 10;
const TELL_EVERY = 500;

const states = Number(process.argv[2] ?? STATES_DEFAULT);
const first = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);
const root = mkdtempSync(join(tmpdir(), "sle-restore-"));
/** Faster, but no place that a fence would give to anyone. */
const memory = existsSync("/dev/shm") ? mkdtempSync("/dev/shm/sle-restore-") : root;
const begun = performance.now();
process.stdout.write(`seed ${first}\n`);
try {
  const played = await playAll();
  const restored = played.filter((each) => each.difference === null).length;
  const seconds = Math.round((performance.now() - begun) / 1000);
  process.stdout.write(`${seconds} seconds\nstates ${played.length}, restored ${restored}\n`);
  process.exitCode = restored === states ? 0 : 1;
} finally {
  for (const folder of [root, memory]) rmSync(folder, { recursive: true, force: true });
}

async function playAll(): Promise<readonly Played[]> {
  const stages = await openStages();
  const batches = Array.from({ length: Math.ceil(states / BATCH) }, (_, batch) => batch);
  const played: Played[] = [];
  const next = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const from = batch * BATCH;
      const count = Math.min(BATCH, states - from);
      const seeds = Array.from({ length: count }, (_, index) => first + from + index);
      const stage = batch % FENCED_EVERY === 0 ? stages.fenced : stages.plain;
      for (const each of await playBatch(stage, seeds)) {
        played.push(each);
        if (each.difference !== null) tell(each, stage);
        if (played.length % TELL_EVERY === 0) process.stdout.write(`${played.length} states\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
  return played;
}

async function openStages(): Promise<{ readonly plain: Stage; readonly fenced: Stage }> {
  const searchPath = process.env["PATH"] ?? "";
  const sandbox = await openSandbox({ searchPath, temporary: tmpdir() });
  const plain = { root: memory, launcher: await createLauncher(), isFenced: false };
  if (!sandbox.ok) return { plain, fenced: plain };
  const launcher = await createLauncher({ fences: { sandbox: sandbox.fence } });
  return { plain, fenced: { root, launcher, isFenced: true } };
}

function tell({ seed, kinds, difference }: Played, { isFenced }: Stage): void {
  const where = isFenced ? " in the fence" : "";
  process.stdout.write(`NOT RESTORED seed ${seed}${where} (${kinds.join(", ")}): ${difference}\n`);
}
