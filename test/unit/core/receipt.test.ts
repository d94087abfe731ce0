import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PROTECTED_PATHS } from "../../../src/core/protected-paths.ts";
import {
  type Receipt,
  type SealedReceipt,
  canonicalJson,
  readReceipt,
  receiptText,
} from "../../../src/core/receipt.ts";

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const RECEIPT: Receipt = {
  version: 1,
  taskId: 12,
  attempt: 1,
  project: "backend",
  at: 1_800_000_000_000,
  verdict: "verified",
  reasons: [],
  base: "b".repeat(40),
  commit: "c".repeat(40),
  tree: "d".repeat(40),
  changed: [{ status: "M", path: "src/ä\ufffd\n.ts" }],
  protectedPaths: PROTECTED_PATHS,
  checks: [],
  previous: null,
};

function sealed(receipt: unknown): SealedReceipt {
  return { receipt: receipt as Receipt, sha256: sha256Of(canonicalJson(receipt)) };
}

/** The same value with the keys of every object in another order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, each]) => [key, turned(each)]));
}

describe("canonical JSON", () => {
  it.each([
    [{ b: 1, a: [true, null, "x\n"] }, '{"a":[true,null,"x\\n"],"b":1}'],
    [{ a: undefined, b: [undefined, () => 0] }, '{"b":[null,null]}'],
    [undefined, "null"],
    [[1e21, 0.1, -0, Number.NaN], "[1e+21,0.1,0,null]"],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [{ 10: 1, 9: 2, é: 3, "\ud83d\ude00": 4, "\uff5e": 5 }, '{"10":1,"9":2,"é":3,"😀":4,"～":5}'],
    [{ a: { d: {}, c: [] } }, '{"a":{"c":[],"d":{}}}'],
    ["\ud800", '"\\ud800"'],
  ])("of %j is %s", (value, written) => expect(canonicalJson(value)).toBe(written));

  it("is the same whatever the order of the keys, and reads back as the value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const written = canonicalJson(value);
        expect(canonicalJson(turned(value))).toBe(written);
        expect(canonicalJson(JSON.parse(written))).toBe(written);
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it("of a value and of what is stored of it is the same", () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), (value) => {
        const stored = JSON.stringify(value) ?? "null";
        expect(canonicalJson(value)).toBe(canonicalJson(JSON.parse(stored)));
      }),
    );
  });
});

describe("the file of a receipt", () => {
  it("reads back as what was sealed", () => {
    const receipt = sealed(RECEIPT);
    expect(readReceipt(receiptText(receipt), sha256Of)).toEqual({ ok: true, value: receipt });
    expect(receiptText(receipt)).toMatch(/^\{\n {2}"receipt": \{\n[^]*\n\}\n$/u);
  });

  it("with other content than was sealed is refused with both hashes", () => {
    const text = receiptText({ ...sealed(RECEIPT), sha256: "0".repeat(64) });
    expect(readReceipt(text, sha256Of)).toEqual({
      ok: false,
      message: `Its content has the hash ${sealed(RECEIPT).sha256}, and it was sealed with ${"0".repeat(64)}.`,
    });
  });

  it.each([
    "",
    "null",
    "[]",
    "12",
    "{}",
    "[".repeat(100_000),
    '{"receipt":null,"sha256":"x"}',
    '{"receipt":{"version":1}}',
    '{"receipt":{"version":1},"sha256":1}',
    receiptText(sealed({ ...RECEIPT, version: 2 })),
  ])("is no receipt: %.40s", (text) => {
    expect(readReceipt(text, sha256Of)).toEqual({ ok: false, message: "It is not a receipt." });
  });

  it.each([
    JSON.stringify(sealed(RECEIPT)),
    receiptText(sealed(RECEIPT)).trimEnd(),
    receiptText({ ...sealed(RECEIPT), more: 1 } as SealedReceipt),
    receiptText(sealed(RECEIPT)).replace('"verdict"', '"verdict": "refuted",\n    "verdict"'),
  ])("that says the same in other words was not written by us: %#", (text) => {
    expect(readReceipt(text, sha256Of)).toEqual({
      ok: false,
      message: "Its file was written anew by another hand.",
    });
  });

  it("with any one byte changed, removed or added is refused", () => {
    const whole = Buffer.from(receiptText(sealed(RECEIPT)));
    const at = fc.nat({ max: whole.length - 1 });
    fc.assert(
      fc.property(at, fc.nat({ max: 255 }), fc.nat({ max: 2 }), (index, byte, kind) => {
        const [kept, put] = [kind === 2 ? index : index + 1, kind === 1 ? [] : [byte]];
        const bytes = Buffer.concat([
          whole.subarray(0, index),
          Buffer.from(put),
          whole.subarray(kept),
        ]);
        fc.pre(!bytes.equals(whole));
        const text = decoded(bytes);
        expect(text !== null && readReceipt(text, sha256Of).ok).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
