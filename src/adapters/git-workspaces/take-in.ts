import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type GitAnswer, GitFailed } from "./git.ts";
import { limited } from "./limited.ts";
import type { Repository, Shelf } from "./repository.ts";

/** A larger pack is not taken in. */
export const PACK_BYTES_MAX: number = 16 * 1024 ** 3;
/** A pack with fewer objects and bytes is taken apart: many small packs would slow every reading down. */
const LOOSE_COUNT_MAX = 500;
const LOOSE_BYTES_MAX = 1024 * 1024;
const TAKE_IN_TIMEOUT_MS = 1_800_000;
const LIMITED: readonly string[] = limited(4 * 1024 ** 3);

/**
 * What the strict check finds wrong in files that have a meaning for git; to us they are files like
 * any other, and an agent that wrote one oddly is to lose nothing. What it finds wrong with the
 * objects themselves stays wrong.
 */
const HARMLESS: readonly string[] = [
  "gitmodulesBlob",
  "gitmodulesLarge",
  "gitmodulesMissing",
  "gitmodulesName",
  "gitmodulesParse",
  "gitmodulesPath",
  "gitmodulesSymlink",
  "gitmodulesUpdate",
  "gitmodulesUrl",
];
/** Older versions of git do not know these checks, nor make them. */
const HARMLESS_OF_NEWER: readonly string[] = [
  "gitattributesBlob",
  "gitattributesLarge",
  "gitattributesLineLength",
  "gitattributesMissing",
  "gitattributesSymlink",
];

/**
 * Takes the objects of a pack that may be anyone's work into our repository: each is checked by its
 * content, and none may lead to one that is missing. Only the pack's own bytes are read, no index or
 * configuration that lies beside it.
 */
export async function takeIn(
  shelf: Shelf,
  repository: Repository,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const answer = await read(shelf, repository, path, [...HARMLESS, ...HARMLESS_OF_NEWER], signal);
  const isOld = answer.code !== 0 && answer.stderr.includes("Unhandled message id");
  const final = isOld ? await read(shelf, repository, path, HARMLESS, signal) : answer;
  if (final.code === 0) return;
  const why = final.stderr.trim().split("\n").at(-1) ?? "";
  throw new GitFailed(`What was read in the sandbox is not sound: ${why}`, final.stderr);
}

async function read(
  shelf: Shelf,
  { gitDir }: Repository,
  path: string,
  harmless: readonly string[],
  signal: AbortSignal,
): Promise<GitAnswer> {
  await using file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  );
  const strict = `--strict=${harmless.map((id) => `${id}=ignore`).join(",")}`;
  const program = (await isSmall(file)) ? ["unpack-objects", "-q"] : ["index-pack", "--stdin"];
  const call = { args: [...program, strict], gitDir, cwd: gitDir, before: LIMITED };
  const limits = { timeoutMs: TAKE_IN_TIMEOUT_MS };
  return shelf.git.run({ ...call, ...limits, inputFile: file.fd }, signal);
}

/** By the number of objects, which stands in front. */
async function isSmall(file: FileHandle): Promise<boolean> {
  const found = await file.stat();
  if (!found.isFile() || found.size > PACK_BYTES_MAX) {
    throw new Error("What was read in the sandbox is no pack of objects, or too large a one");
  }
  const start = Buffer.alloc(12);
  await file.read(start, 0, start.length, 0);
  return start.readUInt32BE(8) < LOOSE_COUNT_MAX && found.size < LOOSE_BYTES_MAX;
}
