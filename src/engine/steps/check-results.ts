import type { Attempt } from "../../core/attempt.ts";
import type { Check } from "../../core/check.ts";
import type { Project } from "../../core/project.ts";
import { type CheckRun, type CheckRuns, judgeProof, type Proof } from "../../core/proof.ts";
import type { Task } from "../../core/task.ts";
import { receiptText, type SealedReceipt } from "../../core/receipt.ts";
import type { Fitted } from "../../ports/branches.ts";
import type { ProofRules } from "../../ports/proof.ts";
import type { CheckedOut } from "../../ports/workspaces.ts";
import type { AttemptContext } from "../attempt.ts";
import type { OpenedWorkspace } from "./open-workspace.ts";
import { recordStep, type StepResult } from "./record.ts";
import { attemptMark } from "./work.ts";

/** A result to prove: on what it stands, and what it is proven by. */
export interface ToCheck {
  readonly result: Fitted;
  readonly rules: ProofRules;
}

/** What checks need of an attempt. */
export type CheckContext = Pick<
  AttemptContext,
  "proving" | "workspaces" | "artifacts" | "clock" | "limits" | "log"
> & {
  readonly task: Pick<Task, "id" | "isolation">;
  readonly attempt: Pick<Attempt, "taskId" | "number" | "leaseId">;
  readonly signal: AbortSignal;
};

/** Where its files go, and what the name of each begins with. */
export interface CheckFiles {
  readonly project: Project;
  readonly resultsPath: string;
  readonly prefix: string;
}

/** What was proven of a result. */
export interface CheckedResults {
  readonly detail: string;
  readonly proof: Proof;
  readonly sealed: SealedReceipt;
}

/** Proves a result of an attempt as a step of it. */
export function checkResults(
  context: AttemptContext,
  opened: OfProject,
  toCheck: ToCheck,
): Promise<StepResult<CheckedResults>> {
  const { signal } = context.control;
  return recordStep(context, "check", () =>
    proveResult({ ...context, signal }, { ...opened, prefix: "" }, toCheck),
  );
}

/**
 * Runs the project's checks on a clean checkout of what was kept, each in one of its own, so that
 * nothing a check does can help the next one; a check that fails is run again, and then on what the
 * work began from. What was seen is sealed as a receipt beside the results.
 */
export async function proveResult(
  context: CheckContext,
  files: CheckFiles,
  { result, rules }: ToCheck,
): Promise<CheckedResults> {
  const checks: CheckRuns[] = [];
  for (const check of rules.checks) checks.push(await runCheck(context, files, result, check));
  const { changed } = result;
  const { protectedPaths, doubts } = rules;
  const proof = judgeProof({ changed, protectedPaths, checks, doubts });
  const sealed = await writeReceipt(context, files, { result, rules, checks, proof });
  return { detail: detailOf(proof), proof, sealed };
}

/** A workspace that belongs to a project. */
export type OfProject = OpenedWorkspace & { readonly project: Project };

async function runCheck(
  context: CheckContext,
  files: CheckFiles,
  { commit: result, base }: Fitted,
  check: Check,
): Promise<CheckRuns> {
  const on = (commit: string, name: string): Promise<CheckRun> =>
    runOn(context, files, { check, commit, outputName: `check-${check.name}${name}.log` });
  const onResult = await on(result, "");
  if (onResult.exitCode === 0 || onResult.problem !== null) {
    return { ...check, onResult, again: null, onBase: null };
  }
  const again = await on(result, "-again");
  const onBase = again.exitCode === 0 ? null : await on(base, "-base");
  return { ...check, onResult, again, onBase };
}

async function runOn(
  context: CheckContext,
  { project, resultsPath, prefix }: CheckFiles,
  run: { readonly check: Check; readonly commit: string; readonly outputName: string },
): Promise<CheckRun> {
  const { task, attempt, signal, limits, proving } = context;
  const checkedOut = await context.workspaces.checkOut(task.id, project, run.commit, signal);
  try {
    return await proving.run(
      {
        project: project.name,
        isolation: task.isolation,
        command: run.check.command,
        folder: checkedOut.path,
        mark: attemptMark(attempt),
        timeoutMs: limits.projectTimeoutMs(project.name) ?? limits.timeoutMs,
        outputPath: `${resultsPath}/${prefix}${run.outputName}`,
      },
      signal,
    );
  } finally {
    await discarded(context, checkedOut);
  }
}

async function discarded({ log }: CheckContext, checkedOut: CheckedOut): Promise<void> {
  try {
    await checkedOut.discard();
  } catch (error) {
    log.warn("A folder of checks could not be removed", { path: checkedOut.path, error });
  }
}

async function writeReceipt(
  context: CheckContext,
  { project, resultsPath, prefix }: CheckFiles,
  seen: {
    readonly result: Fitted;
    readonly rules: ProofRules;
    readonly checks: readonly CheckRuns[];
    readonly proof: Proof;
  },
): Promise<SealedReceipt> {
  const { task, attempt, proving, artifacts, clock, workspaces } = context;
  const { verdict, reasons, outcomes } = seen.proof;
  const { commit, tree, base } = await workspaces.hashesOf(project, seen.result.commit);
  const sealed = await proving.seal({
    version: 1,
    taskId: task.id,
    attempt: attempt.number,
    project: project.name,
    at: clock.now(),
    verdict,
    reasons,
    base,
    commit,
    tree,
    changed: seen.result.changed,
    protectedPaths: seen.rules.protectedPaths,
    checks: seen.checks.map((check, index) => ({
      ...check,
      outcome: outcomes[index]?.outcome ?? "unavailable",
    })),
  });
  await artifacts.write(resultsPath, `${prefix}receipt.json`, receiptText(sealed));
  return sealed;
}

function detailOf({ verdict, reasons, outcomes }: Proof): string {
  if (outcomes.length === 0) return `${verdict}: ${reasons.join(" ")}`;
  const told = outcomes.map(({ name, outcome }) => `${name} ${outcome}`).join(", ");
  const why = reasons.length === 0 ? "" : `: ${reasons.join(" ")}`;
  return `${verdict} (${told})${why}`;
}
