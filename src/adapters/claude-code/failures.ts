import type { FailureClass } from "../../core/failure.ts";
import type { Instant } from "../../core/task.ts";
import type { RunOutcome } from "../../ports/executor.ts";
import { type Data, firstLine, list, number, text } from "./shape.ts";

/** All that is known of a run that did not succeed. */
export interface FailureFacts {
  /** The last `result` message; null when the CLI ended without one. */
  readonly result: Data | null;
  /** The last error that an assistant message or a retry carried. */
  readonly error: string | null;
  /** Present when the provider refuses work until a reset. */
  readonly quotaRefused: { readonly resetsAt: Instant | null } | null;
  /** How the process ended, in words that follow "Claude Code". */
  readonly exit: string;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
  /** False when the fence around it failed, so that it never began. */
  readonly begun: boolean;
}

/** A failed run in the scheduler's words; the first row of the table that fits decides. */
export function failureOf(facts: FailureFacts): RunOutcome {
  const view = look(facts);
  const row = FAILURE_ROWS.find(({ when }) => when(view));
  const failure = row?.failure ?? "crash";
  const message = row?.message?.(view) ?? said(view);
  const retryAt = failure === "quota" ? (facts.quotaRefused?.resetsAt ?? null) : null;
  return { type: "failed", failure, message, retryAt };
}

/** True when a resume failed because the CLI knows no such session. */
export function isUnknownSession(facts: FailureFacts): boolean {
  const view = look(facts);
  return /No conversation found with session ID/i.test(`${view.words}\n${facts.stderr}`);
}

/** True when a session could not begin because the CLI has begun one under its id before. */
export function isTakenSession(facts: FailureFacts): boolean {
  const view = look(facts);
  return /Session ID \S+ is already in use/i.test(`${view.words}\n${facts.stderr}`);
}

/** The message of a run that could not begin because nobody is logged in, or no longer. */
export const LOGIN_MESSAGE =
  "Claude Code is not logged in, or its login is no longer valid: run `claude auth login`, or give the daemon CLAUDE_CODE_OAUTH_TOKEN (from `claude setup-token`) or ANTHROPIC_API_KEY.";

/** What the rows look at. */
interface View {
  readonly facts: FailureFacts;
  readonly hasResult: boolean;
  readonly status: number | null;
  readonly apiError: string | null;
  readonly error: string | null;
  readonly subtype: string | null;
  readonly terminal: string | null;
  readonly stopReason: string | null;
  readonly startup: string | null;
  /** What the result says, in the vendor's words. */
  readonly words: string;
}

interface FailureRow {
  readonly when: (view: View) => boolean;
  readonly failure: FailureClass;
  /** Without one, the vendor's own words are shown. */
  readonly message?: (view: View) => string;
}

const AUTH_ERRORS: ReadonlySet<string | null> = new Set([
  "authentication_failed",
  "oauth_org_not_allowed",
  "verification_required",
  "cloud_credential_error",
]);
const OVERLOAD_ERRORS: ReadonlySet<string | null> = new Set([
  "rate_limit",
  "overloaded",
  "server_error",
]);

/** The one table: how each failure of the CLI is named for the scheduler. Order matters. */
const FAILURE_ROWS: readonly FailureRow[] = [
  {
    when: ({ words }) => /ENOSPC|EDQUOT|no space left on device/i.test(words),
    failure: "disk",
    message: () => "The disk is full: Claude Code could not write.",
  },
  {
    when: ({ apiError, facts, status }) =>
      apiError === "usage_limit_reached" || (status === 429 && facts.quotaRefused !== null),
    failure: "quota",
  },
  {
    when: ({ error, status, words }) =>
      error === "billing_error" ||
      error === "account_on_hold" ||
      status === 402 ||
      /credit balance is too low/i.test(words),
    failure: "billing",
  },
  {
    when: ({ error, status, words }) =>
      AUTH_ERRORS.has(error) ||
      status === 401 ||
      status === 403 ||
      /not logged in|run \/login|failed to authenticate|invalid api key/i.test(words),
    failure: "auth",
    message: (view) => `${LOGIN_MESSAGE}${view.words === "" ? "" : ` (${said(view)})`}`,
  },
  {
    when: ({ startup }) => startup === "bypass_root",
    failure: "config",
    message: () =>
      "Claude Code refuses to skip its permissions for root; run the daemon as an ordinary user.",
  },
  { when: ({ startup }) => startup !== null, failure: "config" },
  { when: ({ error, status }) => error === "model_not_found" || status === 404, failure: "config" },
  { when: ({ stopReason }) => stopReason === "refusal", failure: "policy" },
  {
    when: ({ subtype, terminal }) => subtype === "error_max_turns" || terminal === "max_turns",
    failure: "policy",
    message: () => "The agent used up its turns before it was done.",
  },
  {
    when: ({ subtype, terminal }) =>
      subtype === "error_max_budget_usd" || terminal === "budget_exhausted",
    failure: "budget",
    message: () => "The agent used up its budget before it was done.",
  },
  {
    when: ({ subtype }) => subtype === "error_max_structured_output_retries",
    failure: "policy",
    message: () => "The agent did not give its answer in the form that was asked for.",
  },
  {
    when: ({ apiError, error, status }) =>
      apiError === "connection_failed" ||
      status === 429 ||
      (status !== null && status >= 500) ||
      OVERLOAD_ERRORS.has(error),
    failure: "overloaded",
  },
  {
    // The answer was too long even after several continuations: another try may be shorter.
    when: ({ apiError, error }) =>
      apiError === "max_output_tokens" || error === "max_output_tokens",
    failure: "crash",
  },
  { when: ({ status }) => status === 400 || status === 413, failure: "policy" },
  {
    // A request that failed without an answer from the service: the network, a cut stream.
    when: ({ status, terminal }) => terminal === "api_error" && status === null,
    failure: "overloaded",
  },
  {
    when: ({ facts, hasResult }) =>
      !hasResult && /unknown option|unknown argument/.test(facts.stderr),
    failure: "config",
    message: ({ facts }) =>
      `Claude Code does not know an option that is needed; update it (${lastLine(facts.stderr)}).`,
  },
  {
    when: ({ hasResult }) => !hasResult,
    failure: "crash",
    message: ({ facts }) => {
      const last = lastLine(facts.stderr);
      return `Claude Code ${facts.exit} without a result${last === "" ? "." : `: ${last}`}`;
    },
  },
];

function look(facts: FailureFacts): View {
  const result = facts.result ?? {};
  const errors = list(result["errors"]).map((each) => String(each));
  return {
    facts,
    hasResult: facts.result !== null,
    status: number(result["api_error_status"]),
    apiError: text(result["api_error"]),
    error: facts.error,
    subtype: text(result["subtype"]),
    terminal: text(result["terminal_reason"]),
    stopReason: text(result["stop_reason"]),
    startup: text(result["startup_failure_reason"]),
    words: [text(result["result"]) ?? "", ...errors].join("\n").trim(),
  };
}

function said(view: View): string {
  const words = firstLine(view.words, 300);
  return words === "" ? `Claude Code failed without saying why (${view.subtype}).` : words;
}

function lastLine(stderr: string): string {
  return firstLine(stderr.trim().split("\n").at(-1) ?? "", 300);
}
