import { statfs } from "node:fs/promises";
import type { Confinement, OverLimit } from "../../../ports/launcher.ts";
import { heldOpen, type Measure, type Measured } from "./measure.ts";

/** What is watched, and how. */
export interface WatchParts {
  readonly confinement: Confinement;
  readonly measure: Measure;
  /** Ids of the living processes of the tree. */
  readonly members: () => Promise<readonly number[]>;
  /** True once the kernel ended a program because the tree had too much memory. */
  readonly isOutOfMemory: () => boolean;
  /** Called once, with the limit that was passed first. */
  readonly onOver: (what: OverLimit) => void;
}

const LOOK_EVERY_MS = 500;
/** Folders are measured at least this often, and at most for this share of the time. */
const MEASURE_EVERY_MS = 30_000;
const MEASURE_SHARE = 0.1;

/**
 * Watches what a tree takes of what the kernel does not limit for us; answers how to stop watching.
 * The space that the disk has left is cheap to ask for: folders are measured when it has shrunk by
 * half of what the tree may still take.
 */
export function watchLimits(parts: WatchParts): () => void {
  const stopping = new AbortController();
  const look = lookFor(parts, stopping.signal);
  let timer: NodeJS.Timeout;
  const turn = async (): Promise<void> => {
    const over = await look().catch(() => null);
    if (stopping.signal.aborted) return;
    if (over !== null) {
      parts.onOver(over);
      return;
    }
    timer = setTimeout(() => void turn(), LOOK_EVERY_MS);
    timer.unref();
  };
  timer = setTimeout(() => void turn(), LOOK_EVERY_MS);
  timer.unref();
  return () => {
    stopping.abort();
    clearTimeout(timer);
  };
}

interface Free {
  readonly bytes: number;
  readonly files: number;
}

/** The last measuring, and what the disk had left then. */
interface Known {
  readonly measured: Measured;
  readonly free: Free;
  readonly atMs: number;
  readonly tookMs: number;
}

function lookFor(parts: WatchParts, signal: AbortSignal): () => Promise<OverLimit | null> {
  const { confinement, measure, members } = parts;
  const { own, limits } = confinement;
  const [folder] = own;
  const most = { bytes: limits.diskBytes ?? Infinity, files: limits.files ?? Infinity };
  let known: Known | null = null;
  const take = async (place: string, free: Free): Promise<OverLimit | null> => {
    const startMs = performance.now();
    const measured = await measure(own, signal);
    if (measured === null) return null;
    const all = { ...measured, bytes: measured.bytes + (await heldOpen(place, await members())) };
    const atMs = performance.now();
    known = { measured: all, free, atMs, tookMs: atMs - startMs };
    if (all.bytes > most.bytes) return "disk";
    return all.files > most.files ? "files" : null;
  };
  return async () => {
    if (parts.isOutOfMemory()) return "memory";
    if (folder === undefined || (most.bytes === Infinity && most.files === Infinity)) return null;
    const free = await freeAt(folder);
    return known === null || isDue(known, most, free) ? take(folder, free) : null;
  };
}

async function freeAt(folder: string): Promise<Free> {
  const { bfree, bsize, ffree } = await statfs(folder);
  return { bytes: bfree * bsize, files: ffree };
}

/** Some file systems do not count files: there only the time tells when to measure again. */
function isDue(known: Known, most: Free, free: Free): boolean {
  const pastMs = performance.now() - known.atMs;
  if (pastMs < known.tookMs / MEASURE_SHARE) return false;
  const lost = (what: keyof Free): boolean =>
    known.free[what] - free[what] > (most[what] - known.measured[what]) / 2;
  return pastMs > MEASURE_EVERY_MS || lost("bytes") || lost("files");
}
