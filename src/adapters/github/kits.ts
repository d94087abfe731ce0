import type { Octokit } from "@octokit/core";
import { makeRedactor } from "../../core/redact.ts";
import type { GitHubForgeOptions } from "./options.ts";
import { fetchWhole } from "./transport.ts";

/** Longest wait for a limit that is not told to the caller, in seconds. */
const LIMIT_WAIT_MAX_S = 60;
const LIMIT_RETRIES_MAX = 2;
/** How often what changes nothing is tried again after a failure of the server. */
const RETRIES = 2;
/** Answers that stay what they are. */
const FINAL_STATUSES = [400, 401, 403, 404, 405, 409, 410, 415, 422, 429, 451];

/** The makers of Octokit, loaded when they are first needed. */
export interface Kits {
  /** Asks with an `Authorization` that is set for every request. */
  readonly plain: Octokit;
  /** Asks with what a single request brings along. */
  readonly bare: Octokit;
  /** Asks as the GitHub App itself; null when there is none. */
  readonly app: Octokit | null;
}

/** Loads Octokit and makes what asks for one repository. */
export async function loadKits(options: GitHubForgeOptions): Promise<Kits> {
  const [core, limits, failures, app] = await Promise.all([
    import("@octokit/core"),
    import("@octokit/plugin-throttling"),
    import("@octokit/plugin-retry"),
    import("@octokit/auth-app"),
  ]);
  const Kit = core.Octokit.plugin(failures.retry, limits.throttling);
  const common = commonOptions(options);
  const { auth } = options;
  return {
    plain: new Kit(common),
    bare: new Kit(common),
    app:
      auth.type === "token"
        ? null
        : new Kit({
            ...common,
            authStrategy: app.createAppAuth,
            auth: { appId: auth.appId, privateKey: auth.privateKey },
          }),
  };
}

function commonOptions({ apiUrl, auth, log }: GitHubForgeOptions) {
  const isShort = (seconds: number, _options: unknown, _kit: unknown, retries: number): boolean =>
    seconds <= LIMIT_WAIT_MAX_S && retries < LIMIT_RETRIES_MAX;
  const redact = makeRedactor([auth.type === "app" ? auth.privateKey : auth.token]);
  const told = (message: string): void => {
    log.debug("Octokit said something", { message: redact(message) });
  };
  return {
    baseUrl: apiUrl.replace(/\/+$/u, ""),
    userAgent: "sleepless-agent",
    log: { debug: () => {}, info: () => {}, warn: told, error: told },
    request: { fetch: fetchWhole },
    // What is not to be repeated says so itself, with `retries: 0`: a number here would repeat all.
    retry: { retries: RETRIES, doNotRetry: FINAL_STATUSES },
    throttle: {
      id: `${apiUrl} ${auth.type === "app" ? auth.appId : "token"}`,
      onRateLimit: isShort,
      onSecondaryRateLimit: isShort,
    },
  };
}
