import { expect, test } from "vitest";
import { closest } from "../../../src/config/closest.ts";

const WORDS = ["pause", "resume", "retry", "report", "trash"];

test.each([
  ["puase", "pause"],
  ["resum", "resume"],
  ["retyr", "retry"],
  ["reports", "report"],
  ["trsah", "trash"],
  ["pause", "pause"],
  ["deploy", null],
  ["x", null],
  ["", null],
])("%j most likely means %j", (word, meant) => {
  expect(closest(word, WORDS)).toBe(meant);
});
