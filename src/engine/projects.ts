import { parseBranchName } from "../core/branch-name.ts";
import type { Budget } from "../core/budget.ts";
import { NO_BUDGET, parseBudget } from "../core/budget-text.ts";
import { CHECKS_MAX, sharedCheckName } from "../core/check.ts";
import { type Result, ok, problem } from "../core/problem.ts";
import type { Project } from "../core/project.ts";
import { checkProjectName } from "../core/project-name.ts";
import type { Instant } from "../core/task.ts";
import type { Store } from "../ports/store.ts";

/** What a person changes of a project; absent fields stay. */
export interface WrittenPatch {
  readonly parallelMax?: number | undefined;
  /** As written, for one day; `none`: as the settings say for all projects. */
  readonly budget?: string | undefined;
}

/** A project to be; without checks nothing of its results is proven. */
export type NewProject = Pick<Project, "name" | "location" | "parallelMax"> &
  Partial<Pick<Project, "checks" | "base">> &
  Pick<WrittenPatch, "budget">;

/** Adds a place of work. */
export async function addProject(
  store: Store,
  input: NewProject,
  at: Instant,
): Promise<Result<Project>> {
  const name = checkProjectName(input.name);
  if (!name.ok) return problem("invalid", name.message);
  if (!isParallelMax(input.parallelMax)) return problem("invalid", NO_PARALLEL);
  const checks = input.checks ?? [];
  const shared = sharedCheckName(checks);
  if (shared !== null)
    return problem("invalid", `Two checks are named ${shared}; name one otherwise.`);
  if (checks.length > CHECKS_MAX) {
    return problem("invalid", `A project has at most ${CHECKS_MAX} checks.`);
  }
  const base = input.base ?? null;
  const named = base === null ? null : parseBranchName(base);
  if (named !== null && !named.ok) return problem("invalid", named.message);
  const budget = readBudget(input.budget ?? NO_BUDGET);
  if (!budget.ok) return budget;
  const project: Project = { ...input, base, checks, budget: budget.value, createdAt: at };
  if (await store.projects.add(project)) return ok(project);
  return problem("conflict", `There is already a project "${project.name}".`);
}

/** Changes what the patch names. */
export async function changeProject(
  store: Store,
  name: string,
  patch: WrittenPatch,
  at: Instant,
): Promise<Result<Project>> {
  const { parallelMax } = patch;
  if (parallelMax !== undefined && !isParallelMax(parallelMax)) {
    return problem("invalid", NO_PARALLEL);
  }
  const budget = patch.budget === undefined ? null : readBudget(patch.budget);
  if (budget?.ok === false) return budget;
  const known = await store.projects.change(
    name,
    {
      ...(parallelMax === undefined ? {} : { parallelMax }),
      ...(budget === null ? {} : { budget: budget.value }),
    },
    at,
  );
  const project = known ? await store.projects.get(name) : null;
  return project === null ? unknown(name) : ok(project);
}

/** Forgets a project. */
export async function removeProject(
  store: Store,
  name: string,
  at: Instant,
): Promise<Result<string>> {
  switch (await store.projects.remove(name, at)) {
    case "removed":
      return ok(name);
    case "unknown":
      return unknown(name);
    case "in-use":
      return problem("conflict", `Project "${name}" still has tasks to do; cancel them first.`);
  }
}

/** A budget as written, or null for `none`. */
export function readBudget(written: string): Result<Budget | null> {
  if (written === NO_BUDGET) return ok(null);
  const read = parseBudget(written);
  return read.ok ? ok(read.value) : problem("invalid", `The budget ${read.message}`);
}

const NO_PARALLEL = "A project runs at least one task at a time.";

function isParallelMax(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

function unknown<T>(name: string): Result<T> {
  return problem("not-found", `There is no project "${name}"; see \`sle project list\`.`);
}
