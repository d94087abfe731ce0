import type { Project } from "../../core/project.ts";
import { isElsewhere } from "../../core/project.ts";
import { WorkspaceUnavailable } from "../../ports/workspaces.ts";
import type { GitCall, GitFailed } from "./git.ts";

/** How git gets into the repository of a project that is elsewhere. */
export interface GitAccess {
  /** Value of the `Authorization` header over HTTPS; null for none. */
  readonly authorization: string | null;
  /** What git needs of the environment for the way there, such as GIT_SSH_COMMAND. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Tells how git gets into a project's repository; may ask a forge for a token. */
export type AccessTo = (
  project: Project,
  signal: AbortSignal,
  /** An `authorization` that did not let us in: another one, where there is one. */
  refused: string | null,
) => Promise<GitAccess>;

/** How one call of git reaches a project. */
export interface Way extends Pick<GitCall, "settings" | "environment"> {
  readonly authorization: string | null;
}

const NO_ACCESS: GitAccess = { authorization: null, environment: {} };

/**
 * What a call of git needs to reach a project. Only the one protocol of the address is allowed, and a
 * token is in the environment of this one process: not on disk, not in its arguments.
 */
export async function reaching(
  access: AccessTo | undefined,
  project: Project,
  signal: AbortSignal,
  refused: string | null = null,
): Promise<Way> {
  const { location } = project;
  if (!isElsewhere(project)) return { authorization: null };
  const found = (await access?.(project, signal, refused)) ?? NO_ACCESS;
  const { authorization, environment } = found;
  const protocol = protocolOf(location);
  return {
    authorization,
    settings: [
      "protocol.file.allow=never",
      `protocol.${protocol}.allow=always`,
      // A token is for this host and for no other that an answer names.
      ...(authorization === null ? [] : ["http.followRedirects=false"]),
    ],
    environment: {
      ...environment,
      ...(authorization === null
        ? {}
        : {
            GIT_CONFIG_COUNT: "1",
            GIT_CONFIG_KEY_0: `http.${location}.extraHeader`,
            GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
          }),
    },
  };
}

/**
 * The same for a call that git has just failed: another way, when it was not let in and there is one.
 * A token may have been taken back long before its end.
 */
export async function reachingAnew(
  access: AccessTo | undefined,
  project: Project,
  failed: { readonly way: Way; readonly stderr: string },
  signal: AbortSignal,
): Promise<Way | null> {
  const { authorization } = failed.way;
  if (authorization === null || accessProblem(failed.stderr) !== "not-let-in") return null;
  const way = await reaching(access, project, signal, authorization);
  return way.authorization === authorization ? null : way;
}

function protocolOf(location: string): "https" | "http" | "ssh" {
  if (location.startsWith("https://")) return "https";
  return location.startsWith("http://") ? "http" : "ssh";
}

/** Words of git, curl and ssh for a network that is not there now. */
const AWAY =
  /could not resolve|connection (?:refused|reset|timed out|closed)|network is unreachable|no route to host|operation timed out|failed to connect|early EOF|remote end hung up|requested URL returned error: (?:429|5\d\d)|gnutls|SSL_|recv failure/iu;
/** Words for somebody who is not let in, or for nothing being there, which forges tell alike. */
const NOT_LET_IN =
  /authentication failed|could not read (?:username|password)|permission denied|repository not found|access denied|requested URL returned error: (?:401|403|404)|host key verification failed|not found/iu;

/** What a failure to reach a repository means; null when it is neither of the two. */
export function accessProblem(stderr: string): "away" | "not-let-in" | null {
  if (NOT_LET_IN.test(stderr)) return "not-let-in";
  return AWAY.test(stderr) ? "away" : null;
}

/** A failed fetch from elsewhere in a person's words. */
export function fetchElsewhereFailed(
  { name, location }: Project,
  error: GitFailed,
): WorkspaceUnavailable | null {
  const where = `The repository of project ${name}, ${location},`;
  switch (accessProblem(error.stderr)) {
    case "away":
      return new WorkspaceUnavailable("overloaded", `${where} cannot be reached now.`, {
        cause: error,
      });
    case "not-let-in":
      return new WorkspaceUnavailable(
        "config",
        `${where} does not let us in; see \`forges\` in the settings and that the address is right, then run \`sle retry\`.`,
        { cause: error },
      );
    case null:
      return null;
  }
}
