import { createHash } from "node:crypto";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, type Receipt, type SealedReceipt } from "../../core/receipt.ts";
import { exclusively } from "./exclusively.ts";
import type { HomeLayout } from "./home-layout.ts";

/** SHA-256 of a text, as hexadecimal digits. */
export function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A link takes milliseconds; somebody who holds the chain for longer was stopped. */
const WAIT_MAX_MS = 60_000;

/**
 * Seals receipts as links of one chain for the home, `data/receipts.jsonl`: a line for each with its
 * hash, which holds the hash of the line before. One process at a time: a daemon seals, and so does a
 * command that lands.
 */
export function receiptChain(
  home: HomeLayout,
): (receipt: Omit<Receipt, "previous">) => Promise<SealedReceipt> {
  const path = join(home.data, "receipts.jsonl");
  let last: Promise<unknown> = Promise.resolve();
  const seal = async (unsealed: Omit<Receipt, "previous">): Promise<SealedReceipt> => {
    const receipt: Receipt = { ...unsealed, previous: await lastHash(path) };
    const sha256 = sha256Of(canonicalJson(receipt));
    const { taskId, attempt, previous } = receipt;
    await append(path, `${JSON.stringify({ taskId, attempt, sha256, previous })}\n`);
    return { receipt, sha256 };
  };
  return async (unsealed) => {
    const lock = join(home.data, "receipts.lock");
    const sealed = last.then(() => exclusively(lock, WAIT_MAX_MS, () => seal(unsealed)));
    last = sealed.catch(() => {});
    return await sealed;
  };
}

/** Of the last whole line: one that a crash cut short was never answered. */
async function lastHash(path: string): Promise<string | null> {
  const hashes = (await endOf(path)).split("\n").map(hashOf);
  return hashes.findLast((hash) => hash !== null) ?? null;
}

function hashOf(line: string): string | null {
  try {
    const { sha256 } = JSON.parse(line) as { readonly sha256: string };
    return sha256;
  } catch {
    return null;
  }
}

async function append(path: string, line: string): Promise<void> {
  const end = await endOf(path);
  await using file = await open(path, "a", 0o600);
  await file.appendFile(end === "" || end.endsWith("\n") ? line : `\n${line}`);
  await file.datasync();
}

/** Longer than any two lines. */
const END_BYTES = 4096;

/** The end of the file; empty when there is none. */
async function endOf(path: string): Promise<string> {
  const found = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  });
  if (found === null) return "";
  await using file = await open(path, "r");
  const position = Math.max(0, found.size - END_BYTES);
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(END_BYTES), position });
  return buffer.toString("utf8", 0, bytesRead);
}
