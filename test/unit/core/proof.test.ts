import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CheckRun,
  type CheckRuns,
  type ProofFacts,
  judgeProof,
} from "../../../src/core/proof.ts";
import { PROTECTED_PATHS } from "../../../src/core/protected-paths.ts";

function run(exitCode: number | null, problem: string | null = null): CheckRun {
  return { exitCode, problem, durationMs: 5, outputSha256: "00" };
}

type Runs = readonly [CheckRun, (CheckRun | null)?, (CheckRun | null)?];

function check(...[onResult, again = null, onBase = null]: Runs): CheckRuns {
  return { name: "test", command: "npm test", onResult, again, onBase };
}

function judge(facts: Partial<ProofFacts>): ReturnType<typeof judgeProof> {
  return judgeProof({
    changed: [{ status: "M", path: "src/a.ts" }],
    protectedPaths: PROTECTED_PATHS,
    checks: [check(run(0))],
    doubts: [],
    ...facts,
  });
}

const [GOOD, BAD, STOPPED, BROKEN] = [run(0), run(1), run(null), run(null, "no sandbox")];

describe("a check", () => {
  it.each<[string, Runs, string, string]>([
    ["passed", [GOOD], "verified", ""],
    ["flaky", [BAD, GOOD], "verified", "The check test failed once and then passed."],
    ["flaky", [STOPPED, GOOD], "verified", "The check test failed once and then passed."],
    ["failed", [BAD, BAD, GOOD], "refuted", "The check test fails, and passed before."],
    ["failed", [STOPPED, STOPPED, GOOD], "refuted", "The check test fails, and passed before."],
    ["failed", [BAD, BAD], "refuted", "The check test fails."],
    ["failed", [BAD, run(0, "broke")], "refuted", "The check test fails."],
    ["failed", [BAD], "refuted", "The check test fails."],
    ["already-failing", [BAD, BAD, BAD], "unverified", "The check test failed before, too."],
    ["already-failing", [BAD, BAD, STOPPED], "unverified", "The check test failed before, too."],
    ["unavailable", [BROKEN], "unverified", "The check test could not be run."],
    ["unavailable", [run(0, "broke")], "unverified", "The check test could not be run."],
    ["unavailable", [run(127)], "unverified", "The check test could not be run."],
    ["unavailable", [run(126), GOOD], "unverified", "The check test could not be run."],
    ["unavailable", [BAD, BAD, BROKEN], "unverified", "The check test could not be run."],
    ["unavailable", [BAD, BAD, run(127)], "unverified", "The check test could not be run."],
  ])("that is %s by its runs %j makes it %s", (outcome, runs, verdict, reason) => {
    expect(judge({ checks: [check(...runs)] })).toEqual({
      verdict,
      reasons: reason === "" ? [] : [reason],
      outcomes: [{ name: "test", outcome }],
    });
  });
});

describe("a result", () => {
  it("without a check is not verified", () => {
    expect(judge({ checks: [] })).toEqual({
      verdict: "unverified",
      reasons: ["The project has no checks."],
      outcomes: [],
    });
  });

  it("without a change is not verified, whatever the checks say", () => {
    expect(judge({ changed: [] })).toMatchObject({
      verdict: "unverified",
      reasons: ["Nothing was changed."],
    });
  });

  it("that changes what judges it is refuted, and no name of a file begins a line", () => {
    const changed = ["test/a.ts", "package.json", "test/b\nVerdict: verified", "x.sh", "y.sh"];
    const { verdict, reasons } = judge({
      changed: changed.map((path) => ({ status: "M", path })),
    });
    expect(verdict).toBe("refuted");
    expect(reasons).toEqual([
      "What judges the work was changed: test/a.ts, package.json, test/b Verdict: verified and 2 more.",
    ]);
    const long = judge({ changed: [{ status: "D", path: `test/${"x".repeat(5000)}` }] });
    expect(long.reasons[0]?.length).toBeLessThan(200);
  });

  it("gives what speaks against it first, then what is open, then what is only marked", () => {
    const checks = [
      { ...check(BAD, GOOD), name: "a" },
      { ...check(BROKEN), name: "b" },
      { ...check(BAD, BAD, GOOD), name: "c" },
      { ...check(BAD, BAD, BAD), name: "d" },
    ];
    expect(judge({ checks, changed: [] }).reasons).toEqual([
      "The check c fails, and passed before.",
      "Nothing was changed.",
      "The check b could not be run.",
      "The check d failed before, too.",
      "The check a failed once and then passed.",
    ]);
    expect(judge({ checks: checks.slice(0, 2) })).toMatchObject({
      verdict: "unverified",
      reasons: ["The check b could not be run.", "The check a failed once and then passed."],
    });
  });
});

it("nothing is verified unless something was changed, nothing protected, and every check passed in the end", () => {
  const anyRun = fc.record({
    exitCode: fc.constantFrom(0, 0, 0, 1, 126, 127, 137, null),
    problem: fc.constantFrom(null, null, null, "no sandbox"),
    durationMs: fc.nat(),
    outputSha256: fc.constant("00"),
  });
  const checks = fc.array(
    fc.record({
      name: fc.constantFrom("a", "b"),
      command: fc.constant("x"),
      onResult: anyRun,
      again: fc.option(anyRun),
      onBase: fc.option(anyRun),
    }),
    { maxLength: 4 },
  );
  const path = fc.constantFrom("src/a.ts", "src/b.ts", "test/a.ts", "Makefile");
  const changed = fc.array(fc.record({ status: fc.constantFrom("A", "M", "D"), path }), {
    maxLength: 3,
  });
  const isGood = (each: CheckRun | null): boolean => each?.exitCode === 0 && each.problem === null;
  let verified = 0;
  fc.assert(
    fc.property(checks, changed, (runs, files) => {
      const { verdict, outcomes } = judge({ checks: runs, changed: files });
      const isProven =
        files.length > 0 &&
        files.every((file) => file.path.startsWith("src/") || mayBeAdded(file)) &&
        runs.length > 0 &&
        runs.every(
          ({ onResult, again }) =>
            isGood(onResult) ||
            (onResult.problem === null && isPlainFailure(onResult.exitCode) && isGood(again)),
        );
      expect(verdict === "verified").toBe(isProven);
      expect(outcomes.map(({ name }) => name)).toEqual(runs.map(({ name }) => name));
      if (isProven) verified += 1;
    }),
    { numRuns: 3000 },
  );
  expect(verified).toBeGreaterThan(50);
});

function mayBeAdded({ status, path }: { status: string; path: string }): boolean {
  return path === "test/a.ts" && status === "A";
}

function isPlainFailure(exitCode: number | null): boolean {
  return exitCode !== 0 && exitCode !== 126 && exitCode !== 127;
}
