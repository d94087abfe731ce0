import type { Refusal } from "../core/change.ts";
import { type Problem, problem, type Result } from "../core/problem.ts";
import type { SubmissionProblem } from "../core/submission.ts";

/** A refusal in a person's words. */
export function refusalProblem(id: number, refusal: Refusal): Problem {
  switch (refusal.reason) {
    case "not-found":
      return noTask(id);
    case "wrong-state":
      return { code: "conflict", message: refusal.message, fields: [] };
    case "lease-lost":
      return {
        code: "conflict",
        message: `Task ${id} is worked on by another daemon.`,
        fields: [],
      };
    case "held":
      return { code: "refused", message: refusal.message, fields: [] };
  }
}

/** Says that there is no such task. */
export function noTask(id: number): Problem {
  return {
    code: "not-found",
    message: `There is no task ${id}; \`sle ls\` lists the tasks.`,
    fields: [],
  };
}

/** Everything that is wrong with a submission. */
export function invalidSubmission<T>(problems: readonly SubmissionProblem[]): Result<T> {
  return problem("invalid", problems.map((each) => each.message).join(" "), problems);
}
