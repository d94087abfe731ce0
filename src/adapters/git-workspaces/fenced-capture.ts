import { randomUUID } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Confinement, Launcher } from "../../ports/launcher.ts";
import { runShort } from "../process/run-short.ts";
import { type Captured, capturedEmpty, captureTree, type CaptureTarget } from "./capture.ts";
import { copiedWithTimes } from "./capture-index.ts";
import { type CaptureAnswer, type CaptureOrder, readCaptureAnswer } from "./capture-order.ts";
import { moveToTrash } from "./folder.ts";
import { claimFiles } from "./give-files.ts";
import { GitFailed } from "./git.ts";
import type { Place } from "./place.ts";
import { privateFolder, projectNameOf, type Shelf } from "./repository.ts";
import { type Aside, ASIDE_BYTES_MAX, setAside } from "./set-aside.ts";
import { takeArchiveIn } from "./take-archive-in.ts";
import { PACK_BYTES_MAX, takeIn } from "./take-in.ts";

const CAPTURE_TIMEOUT_MS = 1_800_000;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const MEMORY_BYTES = 4 * 1024 ** 3;
/** As which this program lies here, before it is built or after. */
const FORM = import.meta.url.endsWith(".ts") ? "ts" : "js";

/**
 * Stores the state of an agent's folder, what no tree holds of it as one archive. Behind the fence, where there is one: a single program reads
 * the folder there, and only a pack of objects comes out, which is checked when it is taken in. So a
 * hole in what reads an agent's names, attributes and bytes gives it no more than it had.
 */
export async function captureFenced(
  place: Place,
  target: CaptureTarget,
  isGitAsMade: boolean,
  signal: AbortSignal,
): Promise<CapturedWhole> {
  const empty = isGitAsMade ? await capturedEmpty(target) : null;
  if (empty !== null) {
    return { ...empty, aside: { blob: null, umask: process.umask(), lost: [] } };
  }
  const { shelf } = place;
  const fence = place.fence?.(projectNameOf(target.repository)) ?? null;
  const scratch = join(privateFolder(shelf), `capture-${randomUUID()}`);
  await mkdir(scratch, { mode: 0o700 });
  try {
    const order = await orderOf(place, target, scratch, isGitAsMade);
    const answer =
      fence === null
        ? await captureHere(shelf, target, order, signal)
        : await ask(fence, order, signal);
    if (!answer.ok) throw failureOf(answer);
    const { captured, aside, isPacked } = answer;
    if (isPacked) await takeIn(shelf, target.repository, order.pack, signal);
    const blob = aside.isMade
      ? await takeArchiveIn(shelf, target.repository, order.archive, signal)
      : null;
    return { ...captured, aside: { blob, umask: aside.umask, lost: aside.lost } };
  } finally {
    // What was written behind the fence may resist; it must not stop what is done with the state.
    const remove = rm(scratch, { recursive: true, force: true });
    await remove.catch(() => moveToTrash(scratch, place.trash, `capture-${randomUUID()}`));
  }
}

/** A captured state with what no tree holds of it. */
export interface CapturedWhole extends Captured {
  readonly aside: Omit<Aside, "isMade"> & {
    /** The archive, in our repository; null when nothing had to be set aside. */
    readonly blob: string | null;
  };
}

/** The same without a fence, where agents have none either. */
async function captureHere(
  shelf: Shelf,
  target: CaptureTarget,
  order: CaptureOrder,
  signal: AbortSignal,
): Promise<CaptureAnswer> {
  const { seedIndex } = order.target;
  if (seedIndex !== null) await claimFiles(target.workTree, seedIndex);
  const captured = await captureTree(shelf, { ...target, seedIndex }, signal);
  const { workTree, repository } = target;
  const set = { ...order, workTree, gitDir: repository.gitDir, bytesMax: ASIDE_BYTES_MAX };
  const aside = await setAside(shelf.git, set, captured, signal);
  return { ok: true, captured, isPacked: false, aside };
}

async function orderOf(
  { program }: Place,
  { isOurs: _ours, ...target }: CaptureTarget,
  scratch: string,
  isGitAsMade: boolean,
): Promise<CaptureOrder> {
  const seed = join(scratch, "seed");
  const hasSeed = target.seedIndex !== null && (await copiedWithTimes(target.seedIndex, seed));
  return {
    target: { ...target, seedIndex: hasSeed ? seed : null },
    program,
    scratch,
    pack: join(scratch, "pack"),
    archive: join(scratch, "archive"),
    isGitAsMade,
    timeoutMs: CAPTURE_TIMEOUT_MS,
  };
}

async function ask(
  fence: Launcher,
  order: CaptureOrder,
  signal: AbortSignal,
): Promise<CaptureAnswer> {
  let isTooLarge = false;
  // As a word of the command it could be too long.
  const path = join(order.scratch, "order");
  await writeFile(path, JSON.stringify(order));
  const spec = {
    command: process.execPath,
    args: [join(import.meta.dirname, `capture-program.${FORM}`), path],
    cwd: "/",
    env: {},
    confinement: confinementOf(order),
    onOverLimit: () => {
      isTooLarge = true;
    },
  };
  const said = await runShort(fence, spec, CAPTURE_TIMEOUT_MS, signal, ANSWER_BYTES_MAX);
  signal.throwIfAborted();
  const answer = said.code === 0 ? readCaptureAnswer(said.stdout) : null;
  if (answer !== null) return answer;
  const why = isTooLarge ? "it took more memory than it may" : lastLine(said.stderr);
  const message = `The files in ${order.target.workTree} could not be read in the sandbox: ${why}`;
  throw new GitFailed(message, said.stderr);
}

/**
 * The agent's folder is its own to write, as it was before, so that what it locked can be unlocked;
 * our repository and this program are there to be read.
 */
function confinementOf({ target, scratch, program }: CaptureOrder): Confinement {
  const { repository, workTree } = target;
  const beside = ["../../../package.json", `../../core/cone.${FORM}`];
  const own = [import.meta.dirname, ...beside.map((path) => join(import.meta.dirname, path))];
  return {
    level: "sandbox",
    own: [],
    writable: [workTree, scratch],
    readable: [repository.gitDir, ...own, ...(isAbsolute(program) ? [program] : [])],
    hosts: [],
    virtualHosts: [],
    limits: {
      memoryBytes: MEMORY_BYTES,
      cpus: null,
      processes: 128,
      fileBytes: PACK_BYTES_MAX,
      diskBytes: null,
      files: null,
    },
  };
}

function failureOf({ message, stderr, code }: Extract<CaptureAnswer, { ok: false }>): Error {
  const cause = code === null ? undefined : Object.assign(new Error(message), { code });
  if (stderr !== null) return new GitFailed(message, stderr, { cause });
  return cause ?? new Error(message);
}

function lastLine(text: string): string {
  const last = text.trim().split("\n").at(-1)?.replace(/\.$/u, "");
  return last || "it ended without a word";
}
