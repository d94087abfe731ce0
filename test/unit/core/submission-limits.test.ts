import { describe, expect, it } from "vitest";
import { checkSubmission, type SubmissionInput } from "../../../src/core/submission.ts";
import { NOW } from "./samples.ts";

const CONTEXT = { now: NOW, attemptsMaxDefault: 3, source: "cli" } as const;

function check(input: Partial<SubmissionInput>) {
  return checkSubmission({ text: "count the stars", ...input }, CONTEXT);
}

function refused(field: keyof SubmissionInput, message: string) {
  return { ok: false, problems: [{ field, message }] };
}

describe("a budget", () => {
  const within = { ...CONTEXT, budgetDefault: { usd: 5, tokens: null } };
  const budgetOf = (budget: string | null) => {
    const result = checkSubmission({ text: "x", budget }, within);
    return result.ok ? result.submission.budget : result.problems;
  };

  it("is what was asked for, else what the settings give", () => {
    expect(budgetOf("2usd")).toEqual({ usd: 2, tokens: null });
    expect(budgetOf(null)).toEqual({ usd: 5, tokens: null });
    expect(budgetOf("none")).toBeNull();
  });

  it("that is none is refused, and taken away at the machine alone", () => {
    expect(check({ budget: "-1usd" })).toEqual(
      refused(
        "budget",
        'The budget "-1usd" is less than nothing; write for example 2usd, 300k tokens or both: 2usd, 300k tokens.',
      ),
    );
    const elsewhere = { ...within, source: "webhook" } as const;
    expect(checkSubmission({ text: "x", budget: "none" }, elsewhere)).toEqual(
      refused("budget", "Only the command line may ask for no budget; give one."),
    );
    expect(checkSubmission({ text: "x", budget: "9usd" }, elsewhere).ok).toBe(true);
  });
});

describe("what is touched", () => {
  const touchesOf = (text: string, touches: readonly string[] | null) => {
    const result = check({ text, touches, project: "backend" });
    return result.ok ? result.submission.touches : result.problems;
  };

  it("is what a person names, else what the text does", () => {
    expect(touchesOf("mend src/a.ts", null)).toEqual(["src/a.ts"]);
    expect(touchesOf("mend src/a.ts", ["lib/"])).toEqual(["lib"]);
    expect(touchesOf("mend src/a.ts", ["none"])).toEqual([]);
    expect(check({ text: "mend src/a.ts" })).toMatchObject({ submission: { touches: [] } });
  });

  it("must be paths of a project", () => {
    expect(touchesOf("x", ["/etc"])).toEqual([
      { field: "touches", message: expect.stringContaining("is no path below the top") },
    ]);
    expect(check({ touches: ["src"] })).toEqual(
      refused("touches", "Only a task of a project touches files; name the project with `-p`."),
    );
  });
});
