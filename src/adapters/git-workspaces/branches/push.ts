import { printableLine } from "../../../core/terminal.ts";
import { isElsewhere, type Project } from "../../../core/project.ts";
import type { Pushed, PushSpec } from "../../../ports/branches.ts";
import { accessProblem, reaching, reachingAnew, type Way } from "../access.ts";
import type { GitAnswer } from "../git.ts";
import type { Place } from "../place.ts";
import type { Repository } from "../repository.ts";
import { pushHere } from "./push-here.ts";
import { refusedAsDefault, taken } from "./refused.ts";

const PUSH_TIMEOUT_MS = 1_800_000;
const MESSAGE_LENGTH_MAX = 300;
const TRIES_MAX = 3;
/** Words of git and of servers for a branch that is not what it was seen to be. */
const OVERTAKEN =
  /stale info|fetch first|non-fast-forward|cannot lock ref '[^'\n]+': (?:is at \w+ but expected|reference already exists)/u;
const PUSH = ["push", "--porcelain", "--no-verify", "--no-signed", "--recurse-submodules=no"];

/** Sends a commit as a branch. What others put there stays, and the default branch is never written. */
export async function pushBranch(
  place: Place,
  repository: Repository,
  project: Project,
  spec: PushSpec,
  signal: AbortSignal,
): Promise<Pushed> {
  if (!isElsewhere(project)) return pushHere(place, repository, project, spec, signal);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const pushed = await pushOnce(place, repository, project, spec, signal);
    if (pushed !== "overtaken") return pushed;
  }
  return taken(spec.branch);
}

/**
 * `overtaken`: what stands there changed between the look and the push. A git of ours that outlived
 * its daemon may have done that, so it is looked at again.
 */
async function pushOnce(
  place: Place,
  repository: Repository,
  project: Project,
  spec: PushSpec,
  signal: AbortSignal,
): Promise<Pushed | "overtaken"> {
  const seen = await lookThere(place, repository, project, spec.branch, signal);
  if (seen.type !== "seen") return seen;
  const { tip, way } = seen;
  if (tip === spec.commit) return { type: "there" };
  if (seen.isDefault) return refusedAsDefault(spec.branch);
  if (tip !== null && !spec.ours.includes(tip)) return taken(spec.branch);
  const full = `refs/heads/${spec.branch}`;
  const args = [
    ...PUSH,
    `--force-with-lease=${full}:${tip ?? ""}`,
    project.location,
    `${spec.commit ?? ""}:${full}`,
  ];
  const { gitDir } = repository;
  const call = { args, gitDir, cwd: gitDir, timeoutMs: PUSH_TIMEOUT_MS, ...way };
  const answer = await place.shelf.git.run(call, signal);
  if (answer.code === 0) return { type: "pushed" };
  const refusal = refusalOf(answer, spec.branch);
  return refusal.type === "refused" && refusal.reason === "taken" ? "overtaken" : refusal;
}

/** What stands there now. */
type Seen =
  | {
      readonly type: "seen";
      readonly tip: string | null;
      readonly isDefault: boolean;
      /** By which it was seen. */
      readonly way: Way;
    }
  | Extract<Pushed, { type: "refused" | "unreachable" }>;

async function lookThere(
  { shelf, access }: Place,
  { gitDir }: Repository,
  project: Project,
  branch: string,
  signal: AbortSignal,
): Promise<Seen> {
  const full = `refs/heads/${branch}`;
  const args = ["ls-remote", "--symref", project.location, "HEAD", full];
  const lookBy = (by: Way): Promise<GitAnswer> =>
    shelf.git.run({ args, gitDir, cwd: gitDir, ...by }, signal);
  let way = await reaching(access, project, signal);
  let answer = await lookBy(way);
  const failed = { way, stderr: answer.stderr };
  const other = answer.code === 0 ? null : await reachingAnew(access, project, failed, signal);
  if (other !== null) {
    way = other;
    answer = await lookBy(way);
  }
  if (answer.code !== 0) {
    const problem = refusalOf(answer, branch);
    return problem.type === "refused" || problem.type === "unreachable" ? problem : taken(branch);
  }
  const lines = answer.stdout.toString().split("\n");
  const isDefault = lines.includes(`ref: ${full}\tHEAD`);
  const tip = lines.find((line) => line.endsWith(`\t${full}`) && !line.startsWith("ref:"));
  return { type: "seen", tip: tip?.split("\t")[0] ?? null, isDefault, way };
}

/** What git, a server's hook or a forge says against it. */
function refusalOf({ stdout, stderr }: GitAnswer, branch: string): Pushed {
  const said = remoteWords(stderr);
  const because = said === "" ? "" : `: ${said}`;
  if (/\bGH006\b|protected branch/iu.test(stderr)) {
    return {
      type: "refused",
      reason: "protected",
      message: `The branch ${branch} is protected there${because}.`,
    };
  }
  if (/\bGH013\b/u.test(stderr)) {
    const message = `A rule of the repository is against the branch ${branch}${because}.`;
    return { type: "refused", reason: "rules", message };
  }
  if (OVERTAKEN.test(`${stdout.toString()}${stderr}`)) return taken(branch);
  switch (accessProblem(stderr)) {
    case "not-let-in":
      return {
        type: "refused",
        reason: "unauthorized",
        message: `The repository does not let us write${because}; see \`forges\` in the settings.`,
      };
    case "away":
      return { type: "unreachable", message: `The repository cannot be reached${because}.` };
    case null:
      return {
        type: "refused",
        reason: "rules",
        message: `The branch ${branch} was not taken there${because || `: ${lastLine(stderr)}`}.`,
      };
  }
}

/** What the other side says; it may be anything. */
function remoteWords(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.startsWith("remote:"));
  const words = lines.map((line) => line.slice("remote:".length).trim()).filter((line) => line);
  return printableLine(words.join(" "), MESSAGE_LENGTH_MAX).replace(/\.$/u, "");
}

function lastLine(text: string): string {
  return printableLine(text.trim().split("\n").at(-1) ?? "", MESSAGE_LENGTH_MAX);
}
