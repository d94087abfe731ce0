import { lstatSync } from "node:fs";
import { statfs } from "node:fs/promises";
import type { Confinement, OverLimit } from "../../../ports/launcher.ts";
import type { Measure, Measured } from "./measure.ts";
import { heldOpen, memoryOf } from "./processes.ts";

/** What is watched, and how. */
export interface WatchParts {
  readonly confinement: Confinement;
  readonly measure: Measure;
  /** Ids of the living processes of the tree. */
  readonly members: () => Promise<readonly number[]>;
  /**
   * Whether the kernel ended a program because the tree had too much memory; null where it does not
   * count the memory of trees.
   */
  readonly isOutOfMemory: (() => boolean) | null;
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
  const { own, limits } = parts.confinement;
  const [folder] = own;
  const countsDisk = folder !== undefined && (limits.diskBytes ?? limits.files) !== null;
  const lookAtDisk = countsDisk ? diskLook(parts, folder, signal) : null;
  return async () => {
    if (parts.isOutOfMemory?.() === true) return "memory";
    const { memoryBytes } = limits;
    if (parts.isOutOfMemory === null && memoryBytes !== null) {
      const pids = await parts.members();
      const { memoryBytes: held } = await heldOpen(NO_DEVICE, pids);
      if (held + memoryOf(pids, memoryBytes - held) > memoryBytes) return "memory";
    }
    return (await lookAtDisk?.()) ?? null;
  };
}

const NO_DEVICE = -1;

/** Looks at what stands in the tree's own folders, of which `folder` is one. */
function diskLook(
  { confinement, measure, members }: WatchParts,
  folder: string,
  signal: AbortSignal,
): () => Promise<OverLimit | null> {
  const { own, limits } = confinement;
  const most = { bytes: limits.diskBytes ?? Infinity, files: limits.files ?? Infinity };
  let known: Known | null = null;
  return async () => {
    const free = await freeAt(folder);
    if (known !== null && !isDue(known, most, free)) return null;
    const startMs = performance.now();
    const measured = await measure(own, signal);
    if (measured === null) return null;
    const { diskBytes } = await heldOpen(lstatSync(folder).dev, await members());
    const all = { ...measured, bytes: measured.bytes + diskBytes };
    const atMs = performance.now();
    known = { measured: all, free, atMs, tookMs: atMs - startMs };
    if (all.bytes > most.bytes) return "disk";
    return all.files > most.files ? "files" : null;
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
