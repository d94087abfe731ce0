import { describe, expect, it } from "vitest";
import { chainProblem } from "../../../src/core/receipt-chain.ts";
import type { SealedReceipt } from "../../../src/core/receipt.ts";

const link = (taskId: number, sha256: string, previous: string | null): string =>
  JSON.stringify({ taskId, attempt: 1, sha256, previous });
const LIST = [link(1, "a", null), link(2, "b", "a"), '{"taskId":3,"sha', link(4, "d", "b"), ""];

function sealed(taskId: number, sha256: string, previous: string | null): SealedReceipt {
  return { receipt: { taskId, attempt: 1, previous }, sha256 } as SealedReceipt;
}

describe("the list of receipts", () => {
  it.each([
    [1, "a", null],
    [2, "b", "a"],
    [4, "d", "b"],
  ] as const)("names the receipt of task %i", (taskId, sha256, previous) => {
    expect(chainProblem(LIST.join("\n"), sealed(taskId, sha256, previous))).toBeNull();
  });

  it.each([
    ["another hash", sealed(2, "x", "a")],
    ["another task", sealed(5, "b", "a")],
    ["another place", sealed(2, "b", null)],
  ])("does not name one of %s", (_what, receipt) => {
    expect(chainProblem(LIST.join("\n"), receipt)).toBe("The list of receipts does not name it.");
    expect(chainProblem("", receipt)).toBe("The list of receipts does not name it.");
  });

  it.each([
    ["a line is gone", LIST.filter((_, index) => index !== 1), 4],
    ["the first line is gone", LIST.slice(1), 2],
    ["two lines changed places", [LIST[1], LIST[0], LIST[3]], 2],
    ["a line is another", [LIST[0], link(2, "x", "a"), LIST[3]], 4],
  ])("is broken when %s", (_what, lines, taskId) => {
    expect(chainProblem(lines.join("\n"), sealed(4, "d", "b"))).toBe(
      `In the list of receipts that of task ${taskId}, attempt 1 does not follow the one before it.`,
    );
  });
});
