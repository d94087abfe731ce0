import { existsSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 20;
/** Long enough for a heavily loaded machine. */
const WAIT_MS = 60_000;
/** Much longer than the pause between two signs of life. */
const STILL_MS = 400;

/** What `look` says once a file is there; one that never comes is a problem of its own. */
export async function whenThere(
  path: string,
  look: () => Promise<string | null> | string | null,
): Promise<string | null> {
  for (let waited = 0; waited < WAIT_MS; waited += PAUSE_MS) {
    if (existsSync(path)) return await look();
    await sleep(PAUSE_MS);
  }
  return `the act failed: ${path} never came`;
}

/** A sign of life that still comes; what lives writes a byte to the file all the time. */
export async function beatProblem(path: string): Promise<string | null> {
  const bytes = (): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const before = bytes();
  if (before === 0) return "the act failed: it never gave a sign of life";
  await sleep(STILL_MS);
  return bytes() === before ? null : "it lives on";
}
