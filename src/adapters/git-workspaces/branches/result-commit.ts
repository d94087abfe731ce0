import type { ResultCommit } from "../../../ports/branches.ts";
import { printableLine } from "../../../core/terminal.ts";
import { WorkspaceUnavailable } from "../../../ports/workspaces.ts";
import { type GitCall, GitFailed } from "../git.ts";
import type { Place } from "../place.ts";
import { type Repository, setRef } from "../repository.ts";

/** By whom commits of results are, and how they are signed. */
export interface CommitIdentity {
  readonly name: string;
  readonly email: string;
  /** Null: not signed. */
  readonly signing: Signing | null;
}

/** The name and address of commits where nothing else is said. */
export const BOT: CommitIdentity = {
  name: "sleepless[bot]",
  email: "sleepless-bot@localhost",
  signing: null,
};

/** A key that stays outside of every fence. */
export interface Signing {
  readonly format: "ssh" | "gpg";
  /** Path of a key for ssh, or the name of one for GPG. */
  readonly key: string;
  /** What the signing program needs of the environment, such as GNUPGHOME. */
  readonly environment: Readonly<Record<string, string>>;
}

const MESSAGE_LENGTH_MAX = 200;

/** Where the newest commit for the outside of a task is kept. */
export function resultRef(taskId: number): string {
  return `refs/sleepless/result/${taskId}`;
}

/** Makes the commit of a result and keeps it under a ref of the task. */
export async function commitResult(
  place: Place,
  repository: Repository,
  identity: CommitIdentity,
  spec: ResultCommit,
  signal: AbortSignal,
): Promise<string> {
  const { shelf, lock } = place;
  const commit = await commitSigned(place, repository, identity, spec, signal);
  const ref = resultRef(spec.taskId);
  await lock(repository.name, () => setRef(shelf, repository, ref, commit, signal));
  return commit;
}

/** Makes a commit with the files of another one. */
export async function commitSigned(
  { shelf }: Place,
  { gitDir }: Repository,
  identity: CommitIdentity,
  { files, parents, message, at }: Omit<ResultCommit, "taskId">,
  signal: AbortSignal,
): Promise<string> {
  const { signing } = identity;
  const sign = signing === null ? ["--no-gpg-sign"] : [`-S${signing.key}`];
  const call: GitCall = {
    args: [
      "commit-tree",
      ...sign,
      "-F",
      "-",
      ...parents.flatMap((parent) => ["-p", parent]),
      `${files}^{tree}`,
    ],
    gitDir,
    cwd: gitDir,
    input: Buffer.from(message),
    date: `@${Math.floor(at / 1000)} +0000`,
    settings:
      signing === null ? [] : [`gpg.format=${signing.format === "ssh" ? "ssh" : "openpgp"}`],
    environment: {
      GIT_AUTHOR_NAME: identity.name,
      GIT_AUTHOR_EMAIL: identity.email,
      GIT_COMMITTER_NAME: identity.name,
      GIT_COMMITTER_EMAIL: identity.email,
      ...signing?.environment,
    },
  };
  try {
    return (await shelf.git.must(call, signal)).toString("latin1").trim();
  } catch (error) {
    if (signing === null || !(error instanceof GitFailed)) throw error;
    const said = printableLine(error.stderr, MESSAGE_LENGTH_MAX);
    const words = `The commit could not be signed (${said}); see \`git.signing\` and \`git.signing_key\`.`;
    throw new WorkspaceUnavailable("config", words, { cause: error });
  }
}
