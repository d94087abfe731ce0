import { expect, it } from "vitest";
import { STEP_NAMES } from "../../src/core/attempt.ts";
import { EVENT_TYPES } from "../../src/core/event.ts";
import { FAILURE_CLASSES, FAILURE_RULES } from "../../src/core/failure.ts";
import { POLICY_NAMES } from "../../src/core/hold.ts";
import { POLICIES } from "../../src/core/policies/all.ts";
import { isFinal, PRIORITIES, SOURCES, TASK_KINDS, TASK_STATES } from "../../src/core/task.ts";
import { VERDICTS } from "../../src/core/verdict.ts";

// The words of the project, one meaning each. Stored rows, events, commands and messages carry them:
// a word that changes here changes for everyone.

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/u);
}

it("six states, three of them final", () => {
  expect(TASK_STATES).toEqual(words("queued running waiting succeeded failed cancelled"));
  expect(TASK_STATES.filter(isFinal)).toEqual(words("succeeded failed cancelled"));
});

it("three kinds, in the order of what matters", () => {
  expect(TASK_KINDS).toEqual(words("serious thought generated"));
});

it("three priorities", () => {
  expect(PRIORITIES).toEqual(words("low normal high"));
});

it("seven sources", () => {
  expect(SOURCES).toEqual(words("cli slack http webhook schedule generator plugin"));
});

it("three verdicts", () => {
  expect(VERDICTS).toEqual(words("verified refuted unverified"));
});

it("sixteen failure classes, each with its row in the one table", () => {
  const classes = words(`
    quota overloaded billing auth config crash timeout stalled
    sandbox over-limit budget check-failed policy conflict disk cancelled
  `);
  expect(FAILURE_CLASSES).toEqual(classes);
  expect(Object.keys(FAILURE_RULES)).toEqual(classes);
});

it("what is done about each failure", () => {
  const table = Object.entries(FAILURE_RULES).map(
    ([failure, { action, countsAttempt, resumesSession }]) =>
      [
        failure,
        action,
        countsAttempt ? "counts" : "free",
        resumesSession ? "resumes" : "fresh",
      ].join(" "),
  );
  expect(table).toEqual([
    "quota park free resumes",
    "overloaded retry counts resumes",
    "billing ask free resumes",
    "auth ask free resumes",
    "config give-up counts fresh",
    "crash retry counts resumes",
    "timeout retry counts resumes",
    "stalled retry counts resumes",
    "sandbox ask free resumes",
    "over-limit retry counts resumes",
    "budget ask free resumes",
    "check-failed retry counts resumes",
    "policy give-up counts fresh",
    "conflict retry counts resumes",
    "disk park free resumes",
    "cancelled give-up counts fresh",
  ]);
});

it("eleven policies, in the order in which they are named", () => {
  expect(POLICY_NAMES).toEqual(
    words(`
      paused not-before dependencies capacity project-turn conflict
      executor-ready quota hours resources budget
    `),
  );
  expect(POLICIES).toHaveLength(POLICY_NAMES.length);
});

it("steps and events keep their names, because rows of them are kept", () => {
  expect(STEP_NAMES).toEqual(
    words(`
      open-workspace work keep-results rebase check scan-secrets commit push open-pr conclude
    `),
  );
  expect(EVENT_TYPES).toEqual(
    words(`
      task.queued task.admitted task.retrying task.parked task.interrupted task.recovered
      task.waiting task.succeeded task.failed task.cancelled task.cancel-requested
      task.retried task.answered task.edited task.said task.landed task.rejected task.trashed task.restored
      dependents.blocked dependents.unblocked
      attempt.started attempt.denied step.started step.ended workspace.restored
      project.added project.changed project.removed quota.observed quota.closed quota.alert
      admission.changed schedule.added schedule.paused schedule.resumed schedule.removed
      slot.ran slot.deferred slot.skipped slot.missed slot.failed daemon.started daemon.stopped
    `),
  );
});
