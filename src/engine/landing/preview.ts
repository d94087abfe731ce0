import {
  type Aside,
  type Candidate,
  findCulprit,
  landingOrder,
  largestWithoutCollision,
  type Preview,
} from "../../core/preview.ts";
import { ok, problem, type Result } from "../../core/problem.ts";
import type { Project } from "../../core/project.ts";
import { publicationOf } from "../../core/published.ts";
import type { Task } from "../../core/task.ts";
import type { ProofRules } from "../../ports/proof.ts";
import { rulesOf } from "../steps/rebase.ts";
import type { LandingCall, LandingParts } from "./landings.ts";
import { answered } from "./words.ts";

/** Most results that are tried together. */
const CANDIDATES_MAX = 100;

/** What a preview works with. */
interface Trial {
  readonly parts: LandingParts;
  readonly call: LandingCall;
  readonly project: Project;
  readonly base: string;
  readonly rules: ProofRules;
  checkRuns: number;
}

/** Tries a project's verified results together (see Landings). */
export function preview(
  parts: LandingParts,
  name: string,
  call: LandingCall,
): Promise<Result<Preview>> {
  return answered(async () => {
    const project = await parts.store.projects.get(name);
    if (project === null) {
      return problem("not-found", `There is no project "${name}"; see \`sle project list\`.`);
    }
    const candidates = landingOrder(await candidatesOf(parts, name));
    const { commit: base } = await parts.publishing.branches.base(project, call.signal);
    const rules = await rulesOf(parts, project, base);
    const trial: Trial = { parts, call, project, base, rules, checkRuns: 0 };
    const merging = await thoseThatMerge(trial, candidates);
    return ok(await thoseThatPass(trial, merging));
  });
}

async function candidatesOf({ store }: LandingParts, project: string): Promise<Candidate[]> {
  const page = { before: null, limit: CANDIDATES_MAX };
  const tasks = await store.tasks.list({ project, states: ["succeeded"] }, page);
  const candidates: Candidate[] = [];
  for (const task of tasks) {
    const commit = isCandidate(task) ? await commitOf(store, task) : null;
    const dependsOn = task.dependsOn.map(({ taskId }) => taskId);
    if (commit !== null) candidates.push({ taskId: task.id, commit, dependsOn });
  }
  return candidates;
}

function isCandidate({ verdict, landing }: Task): boolean {
  return verdict === "verified" && landing === null;
}

async function commitOf(
  { effects }: LandingParts["store"],
  { id, attempt }: Task,
): Promise<string | null> {
  const found = (await effects.ofTask(id)).filter((each) => each.attempt === attempt);
  return publicationOf(found).commit?.commit ?? null;
}

interface Merging {
  readonly candidates: readonly Candidate[];
  readonly aside: readonly Aside[];
}

/** The most of them that merge with the base and with each other. */
async function thoseThatMerge(trial: Trial, candidates: readonly Candidate[]): Promise<Merging> {
  const { parts, call, project, base } = trial;
  const { branches } = parts.publishing;
  const aside: Aside[] = [];
  const onBase = new Map<number, string>();
  for (const { taskId, commit } of candidates) {
    const merged = await branches.merge(project, base, commit, call.signal);
    if (merged === null) aside.push({ taskId, why: "collides", with: null, checkRuns: 0 });
    else onBase.set(taskId, merged);
  }
  const pairs = new Map<string, boolean>();
  const ids = [...onBase.keys()];
  for (const [index, a] of ids.entries()) {
    for (const b of ids.slice(index + 1)) {
      const [one, other] = [onBase.get(a) ?? "", onBase.get(b) ?? ""];
      const merged = await branches.merge(project, one, other, call.signal);
      pairs.set(`${a} ${b}`, merged === null);
    }
  }
  const collides = (a: number, b: number): boolean =>
    pairs.get(`${Math.min(a, b)} ${Math.max(a, b)}`) ?? false;
  const chosen = new Set(
    largestWithoutCollision(
      ids.toSorted((a, b) => a - b),
      collides,
    ),
  );
  for (const id of ids.filter((each) => !chosen.has(each))) {
    const other = [...chosen].find((each) => collides(each, id)) ?? null;
    aside.push({ taskId: id, why: "collides", with: other, checkRuns: 0 });
  }
  return { candidates: candidates.filter(({ taskId }) => chosen.has(taskId)), aside };
}

/** Takes out those that break the checks, one after another, until all pass together. */
async function thoseThatPass(trial: Trial, merging: Merging): Promise<Preview> {
  const aside = [...merging.aside];
  let candidates = merging.candidates;
  while (candidates.length > 0) {
    const before = trial.checkRuns;
    const { chain, broken } = await chained(trial, candidates);
    if (broken !== null) {
      aside.push({ taskId: broken.taskId, why: "collides", with: null, checkRuns: 0 });
      candidates = candidates.filter((each) => each !== broken);
      continue;
    }
    const passesWith = (count: number): Promise<boolean> =>
      passes(trial, chain[count] ?? trial.base);
    trial.call.tell(`running the checks on ${candidates.length} results together`);
    if (await passesWith(candidates.length)) break;
    if (aside.every(({ why }) => why !== "breaks") && !(await passesWith(0))) {
      const words = "The checks fail on the base itself, so nothing can be said about results.";
      return summary(trial, [], aside, words);
    }
    const { index } = await findCulprit(candidates.length, passesWith);
    const culprit = candidates[index];
    if (culprit === undefined) throw new Error("A bisection found nothing");
    const checkRuns = trial.checkRuns - before;
    const after = candidates[index - 1]?.taskId ?? null;
    aside.push({ taskId: culprit.taskId, why: "breaks", with: after, checkRuns });
    candidates = candidates.filter((each) => each !== culprit);
  }
  return summary(trial, candidates, aside, null);
}

function summary(
  { base, checkRuns }: Trial,
  candidates: readonly Candidate[],
  aside: readonly Aside[],
  words: string | null,
): Preview {
  return {
    base,
    together: candidates.map(({ taskId }) => taskId),
    aside: aside.toSorted((a, b) => a.taskId - b.taskId),
    checkRuns,
    problem: words,
  };
}

/** The base, then the base with the first, with the first two, and so on; `broken` collides with all before it. */
async function chained(
  { parts, call, project, base }: Trial,
  candidates: readonly Candidate[],
): Promise<{ readonly chain: readonly string[]; readonly broken: Candidate | null }> {
  const chain = [base];
  for (const candidate of candidates) {
    const tip = chain.at(-1) ?? base;
    const { branches } = parts.publishing;
    const merged = await branches.merge(project, tip, candidate.commit, call.signal);
    if (merged === null) return { chain, broken: candidate };
    chain.push(merged);
  }
  return { chain, broken: null };
}

/** All checks on one state; one that fails is not run again here, it costs too much. */
async function passes(trial: Trial, commit: string): Promise<boolean> {
  const { parts, call, project, rules } = trial;
  trial.checkRuns += 1;
  const { path } = await parts.artifacts.open(0, 0, parts.clock.now());
  for (const { name, command } of rules.checks) {
    const checkedOut = await parts.workspaces.checkOut(0, project, commit, call.signal);
    try {
      const run = await parts.proving.run(
        {
          project: project.name,
          isolation: null,
          command,
          folder: checkedOut.path,
          mark: `preview/${project.name}/${commit}`,
          timeoutMs: parts.limits.projectTimeoutMs(project.name) ?? parts.limits.timeoutMs,
          outputPath: `${path}/preview-${project.name}-${name}.log`,
        },
        call.signal,
      );
      if (run.exitCode !== 0 || run.problem !== null) return false;
    } finally {
      await checkedOut.discard();
    }
  }
  return true;
}
