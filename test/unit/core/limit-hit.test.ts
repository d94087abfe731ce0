import { describe, expect, it } from "vitest";
import { LIMIT_WINDOW, windowOfLimit } from "../../../src/core/limit-hit.ts";
import type { QuotaWindow } from "../../../src/core/quota.ts";

const AT = 1_000_000;
const HELD_MAX_MS = 32 * 86_400_000;

function closedUntil(resetsAt: number | null, patch: Partial<QuotaWindow> = {}): QuotaWindow {
  const window = { provider: "claude", window: LIMIT_WINDOW, used: 1, resetsAt };
  return { ...window, status: "closed", source: "estimated", observedAt: AT, ...patch };
}

describe("the window of a limit that was met", () => {
  it.each([
    { retryAt: AT + 63_000, resetsAt: AT + 63_000 },
    { retryAt: null, resetsAt: null },
    { retryAt: AT, resetsAt: null },
    { retryAt: AT + 2 * HELD_MAX_MS, resetsAt: AT + HELD_MAX_MS },
  ])("with the word $retryAt is closed until $resetsAt", ({ retryAt, resetsAt }) => {
    expect(windowOfLimit([], { provider: "claude", retryAt, at: AT })).toEqual(
      closedUntil(resetsAt),
    );
  });

  it.each([
    { told: closedUntil(AT + 1, { window: "five_hour" }), isKept: false },
    { told: closedUntil(AT, { window: "five_hour" }), isKept: true },
    { told: closedUntil(null, { window: "five_hour" }), isKept: true },
    { told: closedUntil(AT + 1, { provider: "other" }), isKept: true },
    { told: closedUntil(AT + 1, { status: "open" }), isKept: true },
  ])("is kept unless its provider told of one ($told.window, $told.resetsAt): $isKept", (row) => {
    const window = windowOfLimit([row.told], { provider: "claude", retryAt: null, at: AT });
    expect(window !== null).toBe(row.isKept);
  });
});
