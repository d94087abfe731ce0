import { describe, expect, test } from "vitest";
import { makeLineSplitter } from "../../../src/surfaces/cli/line-splitter.ts";
import { limitWords } from "../../../src/surfaces/cli/render/quota.ts";
import { openRules, quotaOf } from "../../../src/testing/admission-rules.ts";
import { windowOf } from "../../unit/core/samples.ts";
import { formatCount, formatShare, formatUsd } from "../../../src/surfaces/cli/render/numbers.ts";
import { renderScreen } from "../../../src/surfaces/cli/render/screen.ts";
import { table } from "../../../src/surfaces/cli/render/table.ts";
import { cut, cutStyled, pad, textWidth } from "../../../src/surfaces/cli/render/text-width.ts";

const RED = "\u001b[31m";
const PLAIN = "\u001b[39m";

test("limits say until where tasks may use a window, and what stays free while it lasts", () => {
  const now = Date.UTC(2027, 0, 15, 22); // A Friday.
  const view = { now, timeZone: "UTC", paint: (_: string, text: string) => text, columns: null };
  const reserves = [{ share: 0.3, days: [5], minute: 8 * 60 }];
  const windows = { seven_day: { night: 0.9 } };
  const rules = openRules({ quota: quotaOf(0.2, 0.8, { windows, reserves }) });
  const words = (window: string, resetsAt: number | null): string =>
    limitWords(view, windowOf({ window, resetsAt }), rules);
  const always = "tasks stop at 20% by day, 80% by night";
  expect(words("five_hour", now + 3_600_000)).toBe(always);
  expect(words("five_hour", now + 11 * 3_600_000)).toBe(
    `${always}; 30% stay free for tomorrow 08:00`,
  );
  expect(words("odd", null)).toBe(`${always}; 30% stay free for tomorrow 08:00`);
  expect(words("seven_day", null)).toBe("tasks stop at 100% by day, 90% by night");
  expect(words("seven_day_opus", null)).toBe("tasks stop at 100%");
});

describe("widths", () => {
  test.for([
    ["abc", 3],
    ["äöü", 3],
    ["日本", 4],
    ["한국", 4],
    ["e\u0301", 1],
    ["🌙x", 3],
    ["", 0],
  ] as const)("%s takes %i columns", ([text, columns]) => {
    expect(textWidth(text)).toBe(columns);
  });

  test("cutting keeps to the columns and says that it cut", () => {
    expect(cut("abcdef", 6)).toBe("abcdef");
    expect(cut("abcdef", 5)).toBe("abcd…");
    expect(cut("ab cdef", 4)).toBe("ab…");
    expect(cut("日本語", 5)).toBe("日本…");
    expect(cut("日本語", 4)).toBe("日…");
  });

  test("cutting a styled text counts what is seen and ends the style", () => {
    expect(cutStyled(`${RED}abc${PLAIN}def`, 6)).toBe(`${RED}abc${PLAIN}def`);
    expect(cutStyled(`${RED}abc${PLAIN}def`, 5)).toBe(`${RED}abc${PLAIN}d…\u001b[0m`);
    expect(cutStyled(`${RED}abc${PLAIN}def`, 3)).toBe(`${RED}ab…\u001b[0m`);
    expect(cutStyled(`a${RED}bcdef${PLAIN}`, 3)).toBe(`a${RED}b…\u001b[0m`);
    expect(cutStyled("abcdef", 3)).toBe("ab…");
  });

  test("tables line up and cut only their last column", () => {
    const rows = [
      ["1", "日本", "a long text that goes on and on"],
      ["22", { text: "x", dress: (text: string) => `<${text}>` }, "short"],
    ];
    expect(table(["ID", "NAME", "TEXT"], rows, 35)).toBe(
      ["ID  NAME  TEXT", "1   日本  a long text that goes on…", "22  <x   >  short"].join("\n"),
    );
    expect(pad("日", 4)).toBe("日  ");
  });
});

test("a screen counts the lines that do not fit", () => {
  const view = { now: 0, timeZone: "UTC", paint: (_: string, text: string) => text, columns: 20 };
  expect(renderScreen(view, null, 24)).toBe(
    "\u001b[HThe database is bus…\u001b[K\r\n\u001b[K\r\nq quits\u001b[K\u001b[J",
  );
});

test.for([
  [0, "0"],
  [999, "999"],
  [1000, "1k"],
  [12_345, "12.3k"],
  [99_960, "100k"],
  [999_499, "999k"],
  [999_500, "1M"],
  [3_140_000, "3.1M"],
] as const)("%i tokens are %s", ([count, text]) => {
  expect(formatCount(count)).toBe(text);
});

test("money and shares", () => {
  expect([0, 0.004, 0.01, 12.345].map(formatUsd)).toEqual(["$0.00", "<$0.01", "$0.01", "$12.35"]);
  expect([null, 0, 0.125, 1.2].map(formatShare)).toEqual([
    "unknown",
    "0% used",
    "13% used",
    "120% used",
  ]);
});

test("bytes are split at newlines, characters cut in two are put together", () => {
  const splitter = makeLineSplitter();
  const bytes = new TextEncoder().encode("ä\r\nb\nü");
  expect(splitter.push(bytes.subarray(0, 1))).toEqual([]);
  expect(splitter.push(bytes.subarray(1, 7))).toEqual(["ä", "b"]);
  expect(splitter.push(bytes.subarray(7))).toEqual([]);
  expect(splitter.rest()).toBe("ü");
});

test("a line without an end is handed on in pieces", () => {
  const splitter = makeLineSplitter();
  const lines = splitter.push(new Uint8Array(5 * 1024 * 1024).fill(0x61));
  expect(lines.map((line) => line.length)).toEqual([5 * 1024 * 1024]);
  expect(splitter.rest()).toBe("");
});
