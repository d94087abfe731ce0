import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { CheckRun } from "../../../src/core/proof.ts";
import { PROTECTED_PATHS } from "../../../src/core/protected-paths.ts";
import { type Receipt, canonicalJson, receiptText } from "../../../src/core/receipt.ts";
import { type Bench, setup } from "./setup.ts";

function run(exitCode: number | null, durationMs: number, problem: string | null = null): CheckRun {
  return { exitCode, problem, durationMs, outputSha256: "0".repeat(64) };
}

const RECEIPT: Receipt = {
  version: 1,
  taskId: 1,
  attempt: 1,
  project: "backend",
  at: 1_800_000_000_000,
  verdict: "verified",
  reasons: [],
  base: "b".repeat(40),
  commit: "c".repeat(40),
  tree: "d".repeat(40),
  changed: [{ status: "M", path: "src/a.ts" }],
  protectedPaths: PROTECTED_PATHS,
  checks: [
    {
      name: "test",
      command: "npm test",
      onResult: run(0, 12_345),
      again: null,
      onBase: null,
      outcome: "passed",
    },
  ],
  previous: null,
};

const REFUTED: Receipt = {
  ...RECEIPT,
  attempt: 2,
  project: null,
  verdict: "refuted",
  reasons: ["The check test fails, and passed before.", "The check lint could not be run."],
  base: null,
  changed: [],
  checks: [
    {
      name: "test",
      command: "npm test \u001b[2J",
      onResult: run(1, 900),
      again: run(null, 60_000),
      onBase: run(0, 1000),
      outcome: "failed",
    },
    {
      name: "lint",
      command: "oxlint",
      onResult: run(null, 5, "no \u001b[31msandbox"),
      again: null,
      onBase: null,
      outcome: "unavailable",
    },
  ],
  previous: hashOf(RECEIPT),
};

function hashOf(receipt: Receipt): string {
  return createHash("sha256").update(canonicalJson(receipt)).digest("hex");
}

function fileOf(receipt: Receipt): string {
  return receiptText({ receipt, sha256: hashOf(receipt) });
}

/** The list of receipts of a home. */
const LIST = "data/receipts.jsonl";

function listOf(...receipts: readonly Receipt[]): string {
  const lines = receipts.map((receipt) => {
    const { taskId, attempt, previous } = receipt;
    return `${JSON.stringify({ taskId, attempt, sha256: hashOf(receipt), previous })}\n`;
  });
  return lines.join("");
}

const DIFF = `diff --git a/a b/a
--- a/a
+++ b/a
@@ -1,2 +1,2 @@
 same \u001b[2J
-old
+new\tä
`;

/** Task 1 with two attempts that left results, task 2 without any. */
async function twoAttempts(): Promise<Bench> {
  const bench = await setup();
  await bench.sle("think", "x");
  await bench.sle("think", "y");
  for (const attempt of [1, 2]) {
    await bench.start(1, { results: `results/1-${attempt}` });
    await bench.end(1, {
      type: "failed",
      failure: "crash",
      message: "It crashed.",
      retryAt: null,
    });
    await bench.clock.advance(60_000);
  }
  await bench.start(2);
  return bench;
}

describe("sle receipt", () => {
  test("shows the newest, or that of an attempt, and as JSON what is stored", async () => {
    await using bench = await twoAttempts();
    const { files } = bench.world;
    files["results/1-1/receipt.json"] = fileOf(RECEIPT);
    await bench.type("receipt", "1");
    files["results/1-2/receipt.json"] = fileOf(REFUTED);
    await bench.type("receipt", "1");
    await bench.type("receipt", "1", "--attempt", "1", "--json=sha256");
    expect((await bench.sle("receipt", "1", "--json")).out).toBe(fileOf(REFUTED));
    await bench.matches("receipt");
  });

  test("verify says that it is what was sealed", async () => {
    await using bench = await twoAttempts();
    bench.world.files["results/1-1/receipt.json"] = fileOf(RECEIPT);
    bench.world.files["results/1-2/receipt.json"] = fileOf(REFUTED);
    bench.world.files[LIST] = listOf(RECEIPT, REFUTED);
    await bench.type("receipt", "verify", "1");
    await bench.type("receipt", "verify", "#1", "--attempt=1", "--json");
    await bench.matches("receipt-verify");
  });

  test("one that was sealed anew is not in the list of all", async () => {
    await using bench = await twoAttempts();
    bench.world.files["results/1-1/receipt.json"] = fileOf({ ...RECEIPT, reasons: ["Fine."] });
    await bench.type("receipt", "verify", "1");
    bench.world.files[LIST] = listOf(RECEIPT, REFUTED);
    await bench.type("receipt", "verify", "1");
    bench.world.files[LIST] = listOf(REFUTED);
    await bench.type("receipt", "verify", "1");
    await bench.matches("receipt-not-listed");
  });

  test("is refused when a byte, or the work it is of, is another", async () => {
    await using bench = await twoAttempts();
    const put = (content: Uint8Array | string): void => {
      bench.world.files["results/1-1/receipt.json"] = content;
    };
    put(fileOf(RECEIPT).replace('"exitCode": 0', '"exitCode": 1'));
    await bench.type("receipt", "verify", "1");
    await bench.type("receipt", "1", "--json");
    put(` ${fileOf(RECEIPT)}`);
    await bench.type("receipt", "verify", "1");
    put("\ufeff");
    await bench.type("receipt", "1");
    put(Buffer.concat([Buffer.from(fileOf(RECEIPT)), Buffer.from([0xff])]));
    await bench.type("receipt", "1");
    put(new Uint8Array(67_108_865));
    await bench.type("receipt", "1");
    put(fileOf({ ...RECEIPT, taskId: 7 }));
    await bench.type("receipt", "verify", "1");
    put(fileOf(REFUTED));
    await bench.type("receipt", "verify", "1");
    await bench.matches("receipt-not-as-sealed");
  });

  test("no byte of the file can be another", async () => {
    await using bench = await twoAttempts();
    const path = "src/\ufffd.ts";
    const odd: Receipt = { ...RECEIPT, changed: [{ status: "M", path }] };
    const whole = Buffer.from(fileOf(odd));
    bench.world.files[LIST] = listOf(odd);
    for (let at = 0; at < whole.length; at += 1) {
      for (const flip of [0x01, 0x20, 0x1e]) {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        bench.world.files["results/1-1/receipt.json"] = bytes;
        expect((await bench.sle("receipt", "verify", "1")).exit).toBe(1);
      }
    }
    bench.world.files["results/1-1/receipt.json"] = whole;
    expect((await bench.sle("receipt", "verify", "1")).exit).toBe(0);
  });

  test("says when there is none", async () => {
    await using bench = await twoAttempts();
    await bench.type("receipt", "1");
    await bench.type("receipt", "2");
    await bench.type("receipt", "1", "--attempt", "9");
    await bench.type("receipt", "verify", "77");
    await bench.type("receipt", "1", "--attempt", "x");
    await bench.type("receipt");
    await bench.type("receipt", "verfy", "1");
    await bench.type("receipt", "verify");
    bench.world.exists = false;
    await bench.type("receipt", "verify", "1");
    await bench.matches("receipt-none");
  });

  test("has a help of its own, and so has verify", async () => {
    await using bench = await setup();
    await bench.type("receipt", "--help");
    await bench.type("receipt", "verify", "--help");
    await bench.matches("receipt-help");
  });
});

describe("sle diff", () => {
  test("is plain to a pipe and safe on a terminal", async () => {
    await using bench = await twoAttempts();
    bench.world.files["results/1-1/changes.diff"] = DIFF;
    expect(await bench.sle("diff", "1")).toEqual({ exit: 0, out: DIFF, err: "" });
    bench.world.outIsTerminal = true;
    await bench.type("diff", "1", "--no-color");
    expect((await bench.sle("diff", "1")).out).toContain("\u001b[32m+new\tä\u001b[39m");
    expect((await bench.sle("diff", "1")).out).toContain("\u001b[1m+++ b/a\u001b[22m");
    await bench.type("diff", "1", "--attempt=1", "--json");
    await bench.matches("diff");
  });

  test("is cut where it is endless, and says when there is none", async () => {
    await using bench = await twoAttempts();
    await bench.type("diff", "1");
    await bench.type("diff", "1", "--attempt", "2");
    await bench.type("diff", "2");
    await bench.type("diff", "77");
    await bench.matches("diff-none");
    bench.world.files["results/1-2/changes.diff"] = "+".repeat(16_777_217);
    const told = await bench.sle("diff", "1");
    expect(told.out.length).toBe(16_777_216);
    expect(told.err).toBe("… (all of it is in results/1-2/changes.diff)\n");
  });
});
