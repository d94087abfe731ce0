import { iso } from "../../core/iso.ts";
import { makeRedactor } from "../../core/redact.ts";
import { printableLine } from "../../core/terminal.ts";
import { ForgeFailed } from "../../ports/forge.ts";
import type { GitHubForgeOptions } from "./options.ts";

/** What GitHub said when it did not do what was asked, for reasons other than who asks and how often. */
export interface Refusal {
  readonly type: "refused";
  readonly status: number;
  readonly message: string;
}

/** Tells the failures of a request apart, in words without a secret. */
export interface Failures {
  /** A refusal, or the failure to throw. */
  readonly of: (error: unknown, what: string) => Refusal | ForgeFailed;
  /** The failure to throw for a refusal that nobody knows a better answer to. */
  readonly forRefusal: (refusal: Refusal, what: string) => ForgeFailed;
}

/** How long to wait when GitHub does not say it, in milliseconds. */
const LIMIT_MS = 60_000;
const MESSAGE_LENGTH_MAX = 300;

/** Failures of requests for one repository. */
export function makeFailures({ repository, apiUrl, auth, now }: GitHubForgeOptions): Failures {
  const redact = makeRedactor([auth.type === "app" ? auth.privateKey : auth.token]);
  const words = (text: string): string => redact(printableLine(text, MESSAGE_LENGTH_MAX));
  const subject: Subject = {
    isApp: auth.type === "app",
    name: words(`${repository.owner}/${repository.name}`),
    who: auth.type === "app" ? `the GitHub App ${auth.appId}` : "the token that it is given",
    apiUrl: words(apiUrl),
  };
  return {
    of(error, what) {
      const { status, headers, message } = factsOf(error);
      const said = words(message);
      if (status === null) return failureBefore(subject, what, said);
      if (isLimit(status, headers, message)) {
        return limited(what, now() + waitMsOf(headers, now()));
      }
      if (status === 401) return unauthorized(subject, what);
      if (status >= 500) return unreachable(subject, what, said === "" ? String(status) : said);
      return { type: "refused", status, message: said };
    },
    forRefusal: (refusal, what) => failureForRefusal(subject, refusal, what),
  };
}

/** Of whom and of what failures speak. */
interface Subject {
  readonly isApp: boolean;
  readonly name: string;
  readonly who: string;
  readonly apiUrl: string;
}

/** No request was sent: with an App that is its key, which signs every request. */
function failureBefore({ isApp, who }: Subject, what: string, message: string): ForgeFailed {
  if (isApp) {
    const advice = "give the PEM file that GitHub made for the App, whole and unchanged";
    return new ForgeFailed("unauthorized", `The private key of ${who} cannot be used; ${advice}.`);
  }
  const advice = "look at the log and report it";
  return new ForgeFailed(
    "unreachable",
    `GitHub could not be asked to ${what} (${message}); ${advice}.`,
  );
}

function limited(what: string, retryAt: number): ForgeFailed {
  return new ForgeFailed(
    "limited",
    `GitHub is asked too often to ${what}; ask again after ${iso(retryAt)}.`,
    { retryAt },
  );
}

function unauthorized({ isApp, who }: Subject, what: string): ForgeFailed {
  const advice = isApp
    ? "check the id and the private key of the App, the clock of this machine, and that the App is not suspended"
    : "make a new token and give it in place of the old one";
  return new ForgeFailed(
    "unauthorized",
    `GitHub does not accept ${who} to ${what}; ${advice} (docs/forges.md).`,
  );
}

function unreachable({ apiUrl }: Subject, what: string, answer: string): ForgeFailed {
  const advice = `check the network and the address ${apiUrl}, and try again later`;
  return new ForgeFailed(
    "unreachable",
    `GitHub does not answer when asked to ${what} (${answer}); ${advice}.`,
  );
}

function failureForRefusal(
  { isApp, name, who }: Subject,
  { status, message }: Refusal,
  what: string,
): ForgeFailed {
  if (status === 404 || status === 410) {
    const advice = isApp
      ? `check the name, and install ${who} on it`
      : "check the name, and that the token may read it";
    return new ForgeFailed(
      "not-found",
      `GitHub shows no such thing in ${name} when asked to ${what}; ${advice}.`,
    );
  }
  if (status === 403 && /archived/iu.test(message)) {
    return new ForgeFailed(
      "forbidden",
      `The repository ${name} is archived; unarchive it on GitHub or remove the project.`,
    );
  }
  if (status === 403) {
    return new ForgeFailed(
      "forbidden",
      `GitHub forbids ${who} to ${what} (${message}); give it the permission (docs/forges.md).`,
    );
  }
  return new ForgeFailed("refused", `GitHub refuses to ${what}: ${message}`);
}

interface ErrorFacts {
  /** Null when it did not come from a request. */
  readonly status: number | null;
  readonly headers: Headers;
  readonly message: string;
}

function factsOf(error: unknown): ErrorFacts {
  const { status, message, response } = error as {
    readonly status?: unknown;
    readonly message?: unknown;
    readonly response?: { readonly headers?: Record<string, string>; readonly data?: unknown };
  };
  return {
    status: typeof status === "number" ? status : null,
    headers: new Headers(response?.headers),
    message: messageOf(response?.data) ?? (typeof message === "string" ? message : ""),
  };
}

/** The words of GitHub, with those about single fields. */
function messageOf(data: unknown): string | null {
  if (typeof data !== "object" || data === null || !("message" in data)) return null;
  const errors = "errors" in data && Array.isArray(data.errors) ? data.errors : [];
  const more = errors.map((each) => (typeof each === "string" ? each : each?.message));
  const texts = [data.message, ...more].filter((text) => typeof text === "string");
  return texts.join(" ");
}

function isLimit(status: number, headers: Headers, message: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const isUsedUp = headers.get("x-ratelimit-remaining") === "0";
  return isUsedUp || headers.has("retry-after") || /rate limit/iu.test(message);
}

function waitMsOf(headers: Headers, now: number): number {
  const afterMs = Number(headers.get("retry-after") ?? "") * 1000;
  if (afterMs > 0) return afterMs;
  const resetMs = Number(headers.get("x-ratelimit-reset") ?? "") * 1000 - now;
  return resetMs > 0 ? resetMs : LIMIT_MS;
}
