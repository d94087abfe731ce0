import type { Octokit } from "@octokit/core";
import type { Shape } from "../../core/shape.ts";
import { ForgeFailed } from "../../ports/forge.ts";
import { type Failures, makeFailures, type Refusal } from "./failures.ts";
import { type Identity, makeIdentity } from "./identity.ts";
import type { GitHubForgeOptions } from "./options.ts";
import { makeSend, type Raw } from "./session.ts";
import { type Repository, REPOSITORY } from "./shapes.ts";

/** A request within the repository; `what` completes "when asked to …". */
export interface Ask {
  /** With `/repos/{owner}/{repo}`, which are filled in. */
  readonly route: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Asks for what is new since then. */
  readonly etag?: string | null;
  readonly what: string;
  readonly signal: AbortSignal;
}

/** What GitHub answered. */
export type Answer<T> =
  | { readonly type: "ok"; readonly data: T; readonly etag: string | null }
  | { readonly type: "unchanged" }
  | Refusal;

/** Asks GitHub about one repository. Throws ForgeFailed and the signal's reason only. */
export interface GitHubClient extends Identity {
  readonly ask: <T>(shape: Shape<T>, ask: Ask) => Promise<Answer<T>>;
  /** Like `ask`, but a refusal is a failure. */
  readonly must: <T>(shape: Shape<T>, ask: Ask) => Promise<T>;
  readonly fail: Failures["forRefusal"];
  readonly repository: (signal: AbortSignal) => Promise<Repository>;
  /** Who owns the repository now. */
  readonly owner: (signal: AbortSignal) => Promise<string>;
}

interface Place {
  readonly owner: string;
  readonly repo: string;
}

/** Connects to nothing until it is first asked. */
export function makeClient(options: GitHubForgeOptions): GitHubClient {
  const failures = makeFailures(options);
  const send = makeSend(options, failures);
  let place: Place | null = null;

  async function ask<T>(shape: Shape<T>, asked: Ask): Promise<Answer<T>> {
    const { what, signal } = asked;
    const at = (place ??= placeOf(await repository(signal)));
    const answer = await send(what, signal, ({ plain }) => requestAt(plain, at, asked));
    if ("type" in answer || !isMoved(answer)) return answerOf(shape, answer, asked);
    // The repository got another name meanwhile, and nothing was done.
    const now = placeOf(await repository(signal));
    const again = await send(what, signal, ({ plain }) => requestAt(plain, now, asked));
    return answerOf(shape, again, asked);
  }

  function answerOf<T>(shape: Shape<T>, answer: Raw | Refusal, { what }: Ask): Answer<T> {
    if ("type" in answer) return answer;
    if (answer.status === 304) return { type: "unchanged" };
    return { type: "ok", data: readAs(shape, answer, what), etag: answer.headers.etag ?? null };
  }

  function readAs<T>(shape: Shape<T>, { data }: Raw, what: string): T {
    const parsed = shape(data);
    if (parsed !== null) return parsed.value;
    const advice = `check the address ${options.apiUrl} and any proxy before it`;
    throw new ForgeFailed(
      "unreachable",
      `What answers when GitHub is asked to ${what} does not answer like GitHub; ${advice}.`,
    );
  }

  async function must<T>(shape: Shape<T>, asked: Ask): Promise<T> {
    const answer = await ask(shape, asked);
    if (answer.type === "ok") return answer.data;
    throw failures.forRefusal(answer.type === "refused" ? answer : NOTHING_NEW, asked.what);
  }

  /** Follows a repository that got another name. */
  async function repository(signal: AbortSignal): Promise<Repository> {
    const { owner, name: repo } = options.repository;
    const what = "show the repository";
    const answer = await send(what, signal, ({ plain }) =>
      plain.request("GET /repos/{owner}/{repo}", { owner, repo, request: { signal } }),
    );
    if ("type" in answer) throw failures.forRefusal(answer, what);
    const found = readAs(REPOSITORY, answer, what);
    place = placeOf(found);
    return found;
  }

  return {
    ask,
    must,
    fail: failures.forRefusal,
    repository,
    owner: async (signal) => (place ??= placeOf(await repository(signal))).owner,
    ...makeIdentity(options, send, failures),
  };
}

const NOTHING_NEW: Refusal = { type: "refused", status: 304, message: "nothing is new" };

function placeOf({ full_name: fullName }: Repository): Place {
  const [owner = "", repo = ""] = fullName.split("/");
  return { owner, repo };
}

function isMoved({ status }: Raw): boolean {
  return status >= 300 && status !== 304;
}

function requestAt(
  plain: Octokit,
  place: Place,
  { route, parameters, etag, signal }: Ask,
): Promise<Raw> {
  // Only what may be done twice is tried again.
  const isSafe = /^(?:GET|PATCH) /u.test(route);
  return plain.request(route, {
    ...parameters,
    ...place,
    headers: typeof etag === "string" ? { "if-none-match": etag } : {},
    request: { signal, redirect: "manual", ...(isSafe ? {} : { retries: 0 }) },
  });
}
