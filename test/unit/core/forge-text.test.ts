import { describe, expect, it } from "vitest";
import {
  defused,
  hasMarker,
  isBranchMatch,
  isMarked,
  isSameBody,
  onlyOnce,
  quotedBlock,
  quotedName,
  withMarker,
  withoutDraftWords,
} from "../../../src/core/forge-text.ts";

describe("markers", () => {
  it("are found again, whatever a forge does to the ends of lines", () => {
    const body = withMarker("Words.\n", "task-12--a>b");
    expect(body).toBe("Words.\n\n<!-- sleepless-agent task%2D12%2D%2Da%3Eb -->\n");
    expect(hasMarker(body.replaceAll("\n", "\r\n"), "task-12--a>b")).toBe(true);
    expect(hasMarker(body, "task-1")).toBe(false);
    expect(hasMarker(null, "task-12")).toBe(false);
    expect([isMarked(body), isMarked("Words."), isMarked(null)]).toEqual([true, false, false]);
  });

  it("cannot be forged in a text that is quoted", () => {
    const forged = withMarker("", "task-12");
    expect(isMarked(quotedBlock(forged, 1000))).toBe(false);
    expect(isMarked(`> ${forged}`)).toBe(true);
  });

  it("stand in bodies that are compared without the ends of lines", () => {
    expect(isSameBody("a\r\nb \n", "a\nb")).toBe(true);
    expect(isSameBody(null, "")).toBe(true);
    expect(isSameBody("a", "b")).toBe(false);
  });
});

describe("text that calls nobody", () => {
  it.each([
    "@octocat",
    "@octo-org/team",
    "#12",
    "GH-12",
    "octo/repo#12",
    "!12",
    "&12",
    "$12",
    '~"a label"',
    "%1",
    "https://evil.example",
    "mailto:a@b.example",
    "www.evil.example",
    "<!-- hidden -->",
    "/close",
    "/assign @me",
    "```",
    "~~~",
  ])("%s is defused and looks the same", (text) => {
    const safe = defused(text);
    expect(safe).not.toBe(text);
    expect(safe.replaceAll("\u200B", "")).toBe(text);
  });

  it("leaves plain words and code alone", () => {
    const text = "a = b & c; # note\n// path/to/file.ts: 50 % of a@ b~ ~c~";
    expect(defused(text).replaceAll("\u200B", "")).toBe(text);
    expect(defused("src/a.ts: a && b || c")).toBe("src/a.ts: a && b || c");
  });

  it("cannot end its block", () => {
    const block = quotedBlock("````\n@octocat", 100);
    expect(block.split("\n").filter((line) => line.startsWith("```"))).toHaveLength(2);
    expect(quotedBlock("abc", 2)).toBe("````text\nab…\n````");
    expect(quotedBlock("a😀", 2)).toBe("````text\na…\n````");
  });

  it("cannot end its name or the cell around it", () => {
    expect(quotedName("a`b|c\nd", 20)).toBe("`a'b¦c d`");
    expect(quotedName("", 20)).toBe("` `");
  });
});

it.each([
  ["Draft: Mend", "Mend"],
  ["WIP: draft: Mend", "Mend"],
  ["[wip] Mend", "Mend"],
  ["(Draft) - Mend", "- Mend"],
  ["draft - Mend", "Mend"],
  ["Draft the text", "Draft the text"],
  ["WIPE it", "WIPE it"],
])("the title %s without what makes a draft is %s", (title, bare) => {
  expect(withoutDraftWords(title)).toBe(bare);
});

describe("what there may be only once", () => {
  /** A place that holds at most one, where making fails in a way. */
  function setup(makes: "well" | "lost" | "not") {
    const there: string[] = [];
    let asked = 0;
    return {
      there,
      find: async () => {
        asked += 1;
        if (asked > 2) throw new Error("asked too often");
        return there[0] ?? null;
      },
      make: async () => {
        if (makes !== "not") there.push("it");
        if (makes === "well") return "it";
        throw new Error("no answer");
      },
    };
  }

  it("is made when it is not there", async () => {
    const { find, make } = setup("well");
    expect(await onlyOnce(find, make)).toEqual({ value: "it", isNew: true });
  });

  it("is left when it is there", async () => {
    const { find, make, there } = setup("well");
    there.push("another");
    expect(await onlyOnce(find, make)).toEqual({ value: "another", isNew: false });
  });

  it("is found when the answer was lost", async () => {
    const { find, make } = setup("lost");
    expect(await onlyOnce(find, make)).toEqual({ value: "it", isNew: false });
  });

  it("fails with the first failure when it was not made", async () => {
    const { find, make } = setup("not");
    await expect(onlyOnce(find, make)).rejects.toThrow("no answer");
    const second = setup("not");
    await second.find();
    await expect(onlyOnce(second.find, second.make)).rejects.toThrow("no answer");
  });
});

it.each([
  ["main", "main", true],
  ["main", "maintenance", false],
  ["*", "anything/at/all", true],
  ["release/*", "release/1", true],
  ["release/*", "releases", false],
  ["*-stable", "a-stable", true],
  ["*-stable", "stable", false],
  ["a*b*c", "a-b-c", true],
  ["a*b*c", "a-c", false],
  ["a*a", "a", false],
  ["a*b*b", "ab", false],
])("the pattern %s for %s: %s", (pattern, branch, is) => {
  expect(isBranchMatch(pattern, branch)).toBe(is);
});
