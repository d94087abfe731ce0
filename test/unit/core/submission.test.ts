import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkSubmission,
  checkText,
  cleanText,
  TEXT_MAX_BYTES,
  type Submission,
  type SubmissionInput,
} from "../../../src/core/submission.ts";
import { HOUR, NOW, onSuccessOf } from "./samples.ts";

const CONTEXT = { now: NOW, attemptsMaxDefault: 3, source: "cli" } as const;

function check(input: Partial<SubmissionInput>) {
  return checkSubmission({ text: "count the stars", ...input }, CONTEXT);
}

function accepted(patch: Partial<Submission> = {}, warnings: readonly string[] = []) {
  const submission: Submission = {
    kind: "thought",
    priority: "normal",
    text: "count the stars",
    project: null,
    executor: null,
    model: null,
    timeoutMs: null,
    isolation: null,
    budget: null,
    attemptsMax: 3,
    notBefore: null,
    nightOnly: false,
    deadlineAt: null,
    touches: [],
    dependsOn: [],
    template: null,
    ...patch,
  };
  return { ok: true, submission, warnings };
}

function refused(field: keyof SubmissionInput, message: string) {
  return { ok: false, problems: [{ field, message }] };
}

describe("a submission", () => {
  it("needs no more than a text", () => {
    expect(check({})).toEqual(accepted());
  });

  it("takes null and undefined for what is left to us", () => {
    const names = [
      "project",
      "kind",
      "priority",
      "isolation",
      "executor",
      "model",
      "timeoutMs",
      "attemptsMax",
      "notBefore",
      "deadlineAt",
      "dependsOn",
      "budget",
      "touches",
    ];
    for (const left of [null, undefined]) {
      expect(check(Object.fromEntries(names.map((name) => [name, left])))).toEqual(accepted());
    }
  });

  it("is serious when a project is given", () => {
    const serious = accepted({ kind: "serious", project: "backend" });
    expect(check({ project: "backend" })).toEqual(serious);
    expect(check({ project: "backend", kind: "serious" })).toEqual(serious);
  });

  it("keeps everything that was asked for", () => {
    const asked = {
      kind: "generated",
      project: "backend",
      priority: "high",
      executor: "claude-code",
      model: "claude-opus-4-1[1m]",
      timeoutMs: HOUR,
      isolation: "none",
      attemptsMax: 100,
      notBefore: NOW,
      nightOnly: true,
      deadlineAt: NOW + 1,
      dependsOn: [3, 1, 2],
    } as const;
    expect(check(asked)).toEqual(accepted({ ...asked, dependsOn: onSuccessOf(3, 1, 2) }));
  });

  it.each(["none", "process"])(
    "from elsewhere than the machine may not ask for %s",
    (isolation) => {
      const asked = { text: "count the stars", isolation };
      expect(checkSubmission(asked, { ...CONTEXT, source: "slack" })).toEqual(
        refused("isolation", `Only the command line may ask for the isolation ${isolation}.`),
      );
    },
  );

  it("from anywhere may ask for a sandbox", () => {
    const asked = { text: "count the stars", isolation: "sandbox" };
    expect(checkSubmission(asked, { ...CONTEXT, source: "slack" })).toMatchObject({
      submission: { isolation: "sandbox" },
    });
  });

  it("is refused with everything that is wrong with it at once", () => {
    const result = checkSubmission(
      {
        text: " ",
        project: "..",
        kind: "x",
        priority: "x",
        isolation: "x",
        executor: "-x",
        model: "-x",
        timeoutMs: 0,
        attemptsMax: 0,
        notBefore: 0,
        deadlineAt: 0,
        dependsOn: [0],
      },
      CONTEXT,
    );
    expect(result.ok ? [] : result.problems.map(({ field }) => field)).toEqual([
      "text",
      "project",
      "kind",
      "priority",
      "isolation",
      "executor",
      "model",
      "timeoutMs",
      "attemptsMax",
      "notBefore",
      "deadlineAt",
      "dependsOn",
    ]);
  });
});

describe("the text", () => {
  const empty = refused("text", "The text is empty; say what is to be done.");

  it.each(["", " ", "\n\t ", "\u0000", "\u001b[31m\u001b[0m", "\u200b\u200d", "\ufeff", "\u0301"])(
    "is empty when there is nothing to see: %j",
    (text) => {
      expect(check({ text })).toEqual(empty);
    },
  );

  it.each(["x", "7", "?", "👍", "=", "世"])("may be as short as %s", (text) => {
    expect(check({ text })).toEqual(accepted({ text }));
  });

  it("is counted in bytes of UTF-8, up to 262144", () => {
    expect(TEXT_MAX_BYTES).toBe(262_144);
    expect(check({ text: "a".repeat(TEXT_MAX_BYTES) }).ok).toBe(true);
    expect(check({ text: "é".repeat(TEXT_MAX_BYTES / 2) }).ok).toBe(true);
    expect(check({ text: "é".repeat(TEXT_MAX_BYTES / 2 + 1) })).toEqual(
      refused(
        "text",
        "The text is 262146 bytes long, at most 262144 are taken; put the details into a file of the project and name it.",
      ),
    );
    expect(check({ text: "\u0000".repeat(1_048_576) }).ok).toBe(false);
  });

  const CONTROLS = "Control characters in the text were removed.";
  const ESCAPES = "Terminal escape sequences in the text were removed.";
  const BROKEN = "Broken characters in the text were replaced.";

  it.each([
    ["  keeps\tits\nlines\u00a0and signs 👩‍🚀  ", "keeps\tits\nlines\u00a0and signs 👩‍🚀", []],
    ["loses\u0000 NUL\u0007 and\u007f such\u0085", "loses NUL and such", [CONTROLS]],
    ["\u001b[31mred\u001b[0m \u001b]0;t\u0007title", "red title", [ESCAPES]],
    ["half\ud83d a character", "half\ufffd a character", [BROKEN]],
    ["line\r\nends\rof others\n", "line\nends\nof others", []],
    ["\u001b[1ma\u0000\udc00", "a\ufffd", [BROKEN, ESCAPES, CONTROLS]],
  ])("%j", (text, clean, warnings) => {
    expect(cleanText(text)).toEqual({ text: clean, warnings });
    expect(check({ text })).toEqual(accepted({ text: clean }, warnings));
  });

  it("comes out clean, whole and unchanged by a second washing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const clean = cleanText(text).text;
        expect(clean).not.toMatch(/(?![\n\t])\p{Cc}|\p{Cs}/u);
        expect(cleanText(clean)).toEqual({ text: clean, warnings: [] });
      }),
      { numRuns: 500 },
    );
  });
});

describe("project and kind", () => {
  it.each([
    [{ project: "" }, "project", 'The project name "" is empty; choose another.'],
    [{ kind: "serious" }, "kind", "A serious task belongs to a project; name one with `-p`."],
    [
      { kind: "thought", project: "a" },
      "kind",
      "A thought has no project; leave out the project or the kind.",
    ],
    [
      { kind: "urgent\u001b[2J" },
      "kind",
      'There is no kind "urgent"; choose one of serious, thought, generated.',
    ],
    [
      { priority: "x".repeat(100) },
      "priority",
      `There is no priority "${"x".repeat(59)}…"; choose one of low, normal, high.`,
    ],
    [{ priority: "" }, "priority", 'There is no priority ""; choose one of low, normal, high.'],
  ] as const)("%j is refused", (input, field, message) => {
    expect(check(input)).toEqual(refused(field, message));
  });

  it("a thought may be called one", () => {
    expect(check({ kind: "thought" })).toEqual(accepted());
  });

  it("generated tasks may have a project or none", () => {
    expect(check({ kind: "generated" })).toEqual(accepted({ kind: "generated" }));
  });
});

describe("the names of executor and model", () => {
  const RULE = "letters, digits and . _ : / @ + - [ ], a letter or digit first, at most 128";

  it.each([
    "opus",
    "claude-sonnet-4-5@20250929",
    "us.anthropic.claude:0",
    "a/b",
    "x".repeat(128),
    "Q_4+",
    "sonnet[1m]",
  ])("may be %s", (name) => {
    expect(check({ executor: name, model: name })).toEqual(
      accepted({ executor: name, model: name }),
    );
  });

  it.each(["", "-p", "a b", "a;b", "$(id)", "a\n", ".a", "x".repeat(129), "ä", "`a`"])(
    "may not be %j",
    (name) => {
      for (const field of ["executor", "model"] as const) {
        const shown = name.length > 128 ? `${"x".repeat(59)}…` : name.trim();
        const message = `"${shown}" cannot be the name of the ${field}; it may have ${RULE}.`;
        expect(check({ [field]: name })).toEqual(refused(field, message));
      }
    },
  );
});

describe("numbers", () => {
  it.each([1000, 1000.5, 7 * 24 * HOUR])("a time limit may be %d ms", (timeoutMs) => {
    expect(check({ timeoutMs })).toEqual(accepted({ timeoutMs }));
  });

  it.each([0, 999, -1, 7 * 24 * HOUR + 1, Infinity, Number.NaN])(
    "a time limit may not be %d ms",
    (timeoutMs) => {
      expect(check({ timeoutMs })).toEqual(
        refused("timeoutMs", "The time limit of an attempt may be from 1s to 7d."),
      );
    },
  );

  it("attempts may be one to a hundred", () => {
    expect(check({ attemptsMax: 1 })).toEqual(accepted({ attemptsMax: 1 }));
    for (const attemptsMax of [0, 101, 1.5, -3, Number.NaN]) {
      expect(check({ attemptsMax })).toEqual(
        refused("attemptsMax", "The number of attempts may be a whole number from 1 to 100."),
      );
    }
  });
});

describe("the start", () => {
  it("may be now or later", () => {
    expect(check({ notBefore: NOW }).ok).toBe(true);
    expect(check({ notBefore: NOW + 1 }).ok).toBe(true);
  });

  it("is refused when it has passed", () => {
    expect(check({ notBefore: NOW - 1000 })).toEqual(
      refused(
        "notBefore",
        "The start 2026-11-24T20:59:59Z has passed, it is 2026-11-24T21:00:00Z; give a later time or none.",
      ),
    );
  });

  it.each([Number.NaN, Infinity, -Infinity, NOW + 0.5])(
    "is refused when it is no time: %d",
    (notBefore) => {
      expect(check({ notBefore })).toEqual(
        refused("notBefore", "The start is not a time; write for example 22:00."),
      );
    },
  );
});

describe("dependencies", () => {
  it("may be up to a thousand", () => {
    const dependsOn = Array.from({ length: 1000 }, (_, index) => index + 1);
    expect(check({ dependsOn })).toEqual(accepted({ dependsOn: onSuccessOf(...dependsOn) }));
    expect(check({ dependsOn: [...dependsOn, 1001] })).toEqual(
      refused("dependsOn", "A task may wait for 1000 others at most, not for 1001."),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, 2 ** 53])("%d is no task", (id) => {
    expect(check({ dependsOn: [1, id] })).toEqual(
      refused("dependsOn", `${id} is not the number of a task; \`sle check\` lists them.`),
    );
  });

  it("are each named once", () => {
    expect(check({ dependsOn: [4, 9, 7, 9, 4] })).toEqual(
      refused("dependsOn", "Task 9 is named twice; name each task once."),
    );
  });

  it("carry a condition, success where none is given", () => {
    const dependsOn = [{ taskId: 4, condition: "verified" }, { taskId: 9 }, 7] as const;
    expect(check({ dependsOn })).toEqual(
      accepted({ dependsOn: [{ taskId: 4, condition: "verified" }, ...onSuccessOf(9, 7)] }),
    );
    expect(check({ dependsOn: [{ taskId: 4, condition: "do\u001b[1mne" }] })).toEqual(
      refused(
        "dependsOn",
        'There is no condition "done"; choose one of succeeded, verified, landed, failed, finished.',
      ),
    );
  });
});

it("a text alone is checked and cleaned as that of a submission is", () => {
  expect(checkText(" a\u0007b ")).toEqual({
    ok: true,
    text: "ab",
    warnings: ["Control characters in the text were removed."],
  });
  expect(checkText(" ")).toEqual({
    ok: false,
    message: "The text is empty; say what is to be done.",
  });
});

describe("a deadline", () => {
  it.each([
    [{ deadlineAt: NOW }, "has passed, it is 2026-11-24T21:00:00Z; give a later time or none."],
    [{ deadlineAt: NOW + 0.5 }, "The deadline is not a time; write for example fri 18:00."],
    [
      { notBefore: NOW + HOUR, deadlineAt: NOW + HOUR },
      "The deadline 2026-11-24T22:00:00Z is not after the start 2026-11-24T22:00:00Z; give a later one.",
    ],
  ])("that cannot be met is refused: %j", (asked, message) => {
    const result = check(asked);
    expect(result.ok ? [] : result.problems).toEqual([
      { field: "deadlineAt", message: expect.stringContaining(message) },
    ]);
  });

  it("may lie anywhere after the start", () => {
    expect(check({ notBefore: NOW + HOUR, deadlineAt: NOW + HOUR + 1 }).ok).toBe(true);
  });
});
