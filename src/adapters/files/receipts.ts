import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, type Receipt, type SealedReceipt } from "../../core/receipt.ts";
import type { HomeLayout } from "./home-layout.ts";

/** SHA-256 of a text, as hexadecimal digits. */
export function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * Seals receipts as links of one chain for the home, `data/receipts.jsonl`: a line for each with its
 * hash, which holds the hash of the line before.
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
    const sealed = last.then(() => seal(unsealed));
    last = sealed.catch(() => {});
    return await sealed;
  };
}

/** Of the last whole line: one that a crash cut short was never answered. */
async function lastHash(path: string): Promise<string | null> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  });
  const line = text.split("\n").slice(0, -1).at(-1);
  return /"sha256":"(?<hash>[0-9a-f]{64})"/u.exec(line ?? "")?.groups?.["hash"] ?? null;
}

async function append(path: string, line: string): Promise<void> {
  await using file = await open(path, "a", 0o600);
  const { size } = await file.stat();
  const isCut = size > 0 && !(await endsWithNewline(path));
  await file.appendFile(isCut ? `\n${line}` : line);
  await file.datasync();
}

async function endsWithNewline(path: string): Promise<boolean> {
  return (await readFile(path)).at(-1) === 0x0a;
}
