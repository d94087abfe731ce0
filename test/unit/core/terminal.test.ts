import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable, printableLine } from "../../../src/core/terminal.ts";

describe("printable", () => {
  it.each([
    ["plain text", "Grüße, 世界 👩‍🚀\n\tindented", "Grüße, 世界 👩‍🚀\n\tindented"],
    ["colours", "\u001b[31mred\u001b[0m and \u001b[1;38;5;200mbold\u001b[m", "red and bold"],
    ["a moved cursor", "a\u001b[2J\u001b[1;1Hb\u001b[?25lc\u001b[ qd", "abcd"],
    ["a C1 sequence", "a\u009b31mb", "ab"],
    ["a title ended by a bell", "a\u001b]0;title\u0007b", "ab"],
    [
      "a link ended by a terminator",
      "\u001b]8;;https://a.example\u001b\\text\u001b]8;;\u001b\\",
      "text",
    ],
    ["a C1 string", "a\u009d0;title\u009cb", "ab"],
    [
      "device control, messages and the rest",
      "a\u001bPq\u001b\\b\u001b^p\u001b\\c\u001b_a\u001b\\d\u001bXs\u001b\\e",
      "abcde",
    ],
    ["a string without an end", "a\u001b]0;all of this stays", "a0;all of this stays"],
    ["a string broken by a line", "a\u001b]0;one\ntwo\u0007", "a0;one\ntwo\u2407"],
    ["a character set", "a\u001b(Bb\u001b#8c\u001bcd\u001b7e", "abcde"],
    ["a lone escape", "a\u001b", "a\u241b"],
    ["an unfinished sequence", "a\u001b[31", "a31"],
    [
      "controls",
      "\u0000\u0007\b\v\f\r\u001f\u007f",
      "\u2400\u2407\u2408\u240b\u240c\u240d\u241f\u2421",
    ],
    ["C1 controls", "a\u0085\u0080b", "a<85><80>b"],
    ["line ends of Windows", "a\r\nb\r\r\n", "a\nb\u240d\n"],
    ["reordering", "a\u202eb\u202cc\u2066d\u2069e\u202af", "abcdef"],
    ["invisible copies of ASCII", "a\u{e0041}\u{e007f}\u{e0000}b", "ab"],
    ["marks of direction, which are honest", "\u200fאב\u200e", "\u200fאב\u200e"],
    ["half characters", "a\ud800b\udc00", "a\ufffdb\ufffd"],
  ])("shows %s safely", (_name, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("strips sequences of up to 64 parameters and strings of up to 4096 characters", () => {
    expect(printable(`\u001b[${"1".repeat(64)}ma`)).toBe("a");
    expect(printable(`\u001b[${"1".repeat(65)}ma`)).toBe(`${"1".repeat(65)}ma`);
    expect(printable(`\u001b]${"1".repeat(4096)}\u0007a`)).toBe("a");
    expect(printable(`\u001b]${"1".repeat(4097)}\u0007a`)).toBe(`${"1".repeat(4097)}\u2407a`);
  });

  it("leaves nothing that a terminal acts on, whatever comes, and nothing more to do", () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "\u001b",
        "[",
        "]",
        "\u009b",
        "\u009d",
        "\u0007",
        "\u009c",
        "\\",
        "0",
        ";",
        "m",
        "\u202e",
        "\n",
        "\r",
      ),
      fc.string({ unit: "binary", maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const shown = printable(pieces.join(""));
        expect(shown).not.toMatch(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Cs}/u);
        expect(printable(shown)).toBe(shown);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(["\u001b]", "\u001b]a", "\u001b[0", "\u001b ", "\u009d", "\r", "a"])(
    "takes a hostile megabyte of %j without complaint",
    (unit) => {
      expect(printable(`\u001b]${unit.repeat(1e6 / unit.length)}`)).not.toContain("\u001b");
    },
  );
});

describe("printableLine", () => {
  it("makes one line of many", () => {
    expect(printableLine("  a\r\n\r\n b\t\tc\u2028d\u001b[1m \u0007 ")).toBe(
      "a b cd \u2407".replace("cd", "c d"),
    );
    expect(printableLine("")).toBe("");
  });

  it("cuts what is longer than asked for, between characters", () => {
    expect(printableLine("abcdef", 6)).toBe("abcdef");
    expect(printableLine("abcdefg", 6)).toBe("abcde…");
    expect(printableLine("abcd👩efg", 6)).toBe("abcd…");
    expect(printableLine("x".repeat(1000), 100)).toHaveLength(100);
    expect(printableLine(`${" \n".repeat(9)}abcdefg`, 6)).toBe("abcde…");
  });

  it("is never longer than asked for and never more than a line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (text, max) => {
        const line = printableLine(text, max);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(line).not.toMatch(/[\n\r\t\p{Cs}]/u);
      }),
    );
  });
});
