import { expect, test } from "vitest";
import { minuteOfDay, shareOfPercent, sizeBytes } from "../../../src/config/quantities.ts";

test.each([
  ["0B", 0],
  ["12 kB", 12_000],
  ["1KiB", 1024],
  ["1.5MiB", 1_572_864],
  ["2GB", 2e9],
  ["2gib", 2_147_483_648],
  ["1TiB", 1024 ** 4],
  ["12", null],
  ["1 G", null],
  ["-1B", null],
  ["B", null],
  ["1PiB", null],
  [`${"9".repeat(101)}B`, null],
])("the size %j is %j bytes", (text, bytes) => {
  expect(sizeBytes(text)).toBe(bytes);
});

test.each([
  ["00:00", 0],
  ["7:05", 425],
  ["23:59", 1439],
  ["24:00", null],
  ["12:60", null],
  ["12", null],
  ["12:00pm", null],
])("the time %j is minute %j", (text, minute) => {
  expect(minuteOfDay(text)).toBe(minute);
});

test.each([
  ["20%", 0.2],
  ["92.5 %", 0.925],
  ["20", null],
  ["-1%", null],
])("the percentage %j is %j", (text, share) => {
  expect(shareOfPercent(text)).toBe(share);
});
