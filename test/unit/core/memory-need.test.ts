import { expect, it } from "vitest";
import { learnedNeed } from "../../../src/core/memory-need.ts";

it("a need rises at once and falls slowly", () => {
  expect(learnedNeed(null, 100)).toBe(100);
  expect(learnedNeed(100, 300)).toBe(300);
  expect(learnedNeed(300, 100)).toBe(280);
  let need = 1000;
  for (let attempt = 0; attempt < 50; attempt += 1) need = learnedNeed(need, 100);
  expect(need).toBeLessThan(110);
});
