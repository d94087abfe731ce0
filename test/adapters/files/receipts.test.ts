import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { homeLayout } from "../../../src/adapters/files/home-layout.ts";
import { receiptChain, sha256Of } from "../../../src/adapters/files/receipts.ts";
import { chainProblem } from "../../../src/core/receipt-chain.ts";
import { PROTECTED_PATHS } from "../../../src/core/protected-paths.ts";
import {
  canonicalJson,
  readReceipt,
  receiptText,
  type Receipt,
} from "../../../src/core/receipt.ts";
import { makeHome } from "../../../src/app/doors.ts";
import { temporaryFolder } from "../support.ts";

function unsealed(taskId: number): Omit<Receipt, "previous"> {
  return {
    version: 1,
    taskId,
    attempt: 1,
    project: "app",
    at: 1_800_000_000_000,
    verdict: "verified",
    reasons: [],
    base: null,
    commit: "a".repeat(40),
    tree: "b".repeat(40),
    changed: [{ status: "M", path: "src/sum.js" }],
    protectedPaths: PROTECTED_PATHS,
    checks: [],
  };
}

it("receipts are links of one chain, also when they are sealed at once", async () => {
  await using folder = await temporaryFolder();
  const home = homeLayout(folder.path);
  await makeHome(folder.path);
  const seal = receiptChain(home);
  const sealed = await Promise.all([1, 2, 3].map(async (taskId) => await seal(unsealed(taskId))));
  expect(sealed.map(({ receipt }) => receipt.previous)).toEqual([
    null,
    sealed[0]?.sha256,
    sealed[1]?.sha256,
  ]);
  for (const each of sealed) {
    expect(each.sha256).toBe(sha256Of(canonicalJson(each.receipt)));
    expect(readReceipt(receiptText(each), sha256Of)).toEqual({ ok: true, value: each });
  }
  // Another process, after one that was killed while it wrote.
  const path = join(home.data, "receipts.jsonl");
  await appendFile(path, '{"taskId":4,"attempt":1,"sha2');
  const next = await receiptChain(home)(unsealed(5));
  expect(next.receipt.previous).toBe(sealed[2]?.sha256);
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  expect(lines.map((line) => line.slice(0, 12))).toEqual([
    '{"taskId":1,',
    '{"taskId":2,',
    '{"taskId":3,',
    '{"taskId":4,',
    '{"taskId":5,',
  ]);
  expect((await receiptChain(home)(unsealed(6))).receipt.previous).toBe(next.sha256);
});

it("is one chain, too, when several processes seal at once", async () => {
  await using folder = await temporaryFolder();
  const home = homeLayout(folder.path);
  await makeHome(folder.path);
  const processes = Array.from({ length: 4 }, () => receiptChain(home));
  const sealed = await Promise.all(
    processes.flatMap((seal, at) => [1, 2, 3, 4, 5].map((each) => seal(unsealed(at * 10 + each)))),
  );
  const list = await readFile(join(home.data, "receipts.jsonl"), "utf8");
  expect(sealed.map((each) => chainProblem(list, each))).toEqual(sealed.map(() => null));
});

it("goes on from a whole line whose end a crash cut off", async () => {
  await using folder = await temporaryFolder();
  const home = homeLayout(folder.path);
  await makeHome(folder.path);
  const first = await receiptChain(home)(unsealed(1));
  const path = join(home.data, "receipts.jsonl");
  await writeFile(path, (await readFile(path, "utf8")).trimEnd());
  const next = await receiptChain(home)(unsealed(2));
  expect(next.receipt.previous).toBe(first.sha256);
  expect(chainProblem(await readFile(path, "utf8"), next)).toBeNull();
});
