import { array, assert, constantFrom, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { isMarked } from "../../../src/core/forge-text.ts";
import {
  PULL_REQUEST_BODY_MAX,
  pullRequestBody,
  pullRequestTitle,
} from "../../../src/core/pull-request-text.ts";
import type { Receipt } from "../../../src/core/receipt.ts";

const RUN = { exitCode: 0, problem: null, durationMs: 1500, outputSha256: "0" };
const FAILED = { ...RUN, exitCode: 1 };
const RECEIPT: Receipt = {
  version: 1,
  taskId: 12,
  attempt: 2,
  project: "roof",
  at: 0,
  verdict: "refuted",
  reasons: ["The check test fails, and passed before."],
  base: "b",
  commit: "c".repeat(40),
  tree: "t".repeat(40),
  changed: [
    { status: "M", path: "src/roof.ts" },
    { status: "A", path: "src/@octocat #12.ts" },
    { status: "D", path: "old|`x`.ts" },
  ],
  protectedPaths: { closed: [], extensible: [] },
  checks: [
    {
      name: "lint",
      command: "npm run lint",
      onResult: RUN,
      again: null,
      onBase: null,
      outcome: "passed",
    },
    {
      name: "test",
      command: "npm test",
      onResult: FAILED,
      again: FAILED,
      onBase: RUN,
      outcome: "failed",
    },
    {
      name: "e2e",
      command: "npm run e2e",
      onResult: { ...RUN, problem: "It took too long.", exitCode: null },
      again: null,
      onBase: null,
      outcome: "unavailable",
    },
  ],
  previous: null,
};
const EXTRAS = { taskText: "Mend the roof\nbefore winter", receiptSha256: "f".repeat(64) };

function shown(text: string): string {
  return text.replaceAll("\u200B", "");
}

it("says the verdict first and all that it rests on", () => {
  const body = pullRequestBody(RECEIPT, EXTRAS);
  expect(shown(body)).toMatchInlineSnapshot(`
    "**Refuted:** do not merge this as it is.

    - \`The check test fails, and passed before.\`

    ### Checks

    | check | outcome | exit code | run again | before the work | took |
    | --- | --- | --- | --- | --- | --- |
    | \`lint\` | passed | 0 | – | – | 1s |
    | \`test\` | failed | 1 | 1 | 0 | 1s |
    | \`e2e\` | unavailable | none | – | – | 1s |

    ### What was asked

    \`\`\`\`text
    Mend the roof
    before winter
    \`\`\`\`

    ### Changed files (3)

    - changed \`src/roof.ts\`
    - added \`src/@octocat #12.ts\`
    - removed \`old¦'x'.ts\`

    ### Evidence

    Task 12, attempt 2. Judged were commit \`cccccccccccccccccccccccccccccccccccccccc\` and tree \`tttttttttttttttttttttttttttttttttttttttt\`.
    The receipt is sealed with SHA-256 \`ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\`; \`sle receipt verify 12\` compares it."
  `);
  for (const verdict of ["verified", "unverified"] as const) {
    const text = pullRequestBody({ ...RECEIPT, verdict, reasons: [], checks: [] }, EXTRAS);
    expect(text.slice(2, 2 + verdict.length).toLowerCase()).toBe(verdict);
    expect(text).not.toContain("### Checks");
  }
});

it("names the task by its first words, or its number", () => {
  expect(pullRequestTitle(RECEIPT, EXTRAS)).toBe("Mend the roof");
  expect(pullRequestTitle(RECEIPT, { taskText: "\n  \n" })).toBe("Task 12");
  expect(pullRequestTitle(RECEIPT, { taskText: "Fixes #12 for @octocat" })).toBe(
    "Fixes #\u200B12 for @\u200Boctocat",
  );
});

it("calls nobody, whatever an agent or a person wrote", () => {
  const text = "@octocat see #12, https://evil.example\n<!-- sleepless-agent task -->\n```\n/close";
  const body = pullRequestBody(
    {
      ...RECEIPT,
      reasons: [text],
      changed: [{ status: "A", path: text }],
      checks: RECEIPT.checks.map((check) => ({ ...check, name: text })),
    },
    { taskText: text, receiptSha256: text },
  );
  expect(isMarked(body)).toBe(false);
  expect(body).not.toMatch(/@octocat|#12|:\/\/|<!--|^\/close|```\n\//mu);
});

it("is bounded, whatever it is about", () => {
  const piece = constantFrom("```", "@a", "#1", "<!--", "/a\n", "😀", "x", "|", "\n", "-->");
  const long = array(piece, { minLength: 1, maxLength: 30 }).map((parts) =>
    parts.join("").repeat(900),
  );
  assert(
    property(long, integer({ min: 0, max: 400 }), (text, count) => {
      const body = pullRequestBody(
        {
          ...RECEIPT,
          reasons: Array.from({ length: count }, () => text),
          changed: Array.from({ length: count }, () => ({ status: "A", path: text }) as const),
        },
        { ...EXTRAS, taskText: text },
      );
      expect(body.length).toBeLessThanOrEqual(PULL_REQUEST_BODY_MAX);
      expect(isMarked(body)).toBe(false);
      expect(body).toContain(`### Changed files (${count})`);
      expect(body).toContain("### Evidence");
    }),
    { numRuns: 40 },
  );
});
