import { describe, expect, it } from "vitest";
import {
  type FailureFacts,
  failureOf,
  isUnknownSession,
  LOGIN_MESSAGE,
} from "../../../src/adapters/claude-code/failures.ts";
import type { FailureClass } from "../../../src/core/failure.ts";

/** Shapes as the CLI sent them; only the fields that decide. */
interface Row {
  readonly what: string;
  readonly failure: FailureClass;
  readonly message: string;
  readonly retryAt?: number;
  readonly result?: Record<string, unknown> | null;
  readonly error?: string;
  readonly quotaRefused?: FailureFacts["quotaRefused"];
  readonly exit?: string;
  readonly stderr?: string;
}

const API_FAILED = { is_error: true, subtype: "success", terminal_reason: "api_error" } as const;

const ROWS: readonly Row[] = [
  {
    what: "the limit of a subscription",
    result: {
      ...API_FAILED,
      api_error_status: 429,
      api_error: "usage_limit_reached",
      result: "You've hit your 5-hour limit · resets 9:49pm (UTC)",
    },
    error: "rate_limit",
    quotaRefused: { resetsAt: 1_795_470_550_000 },
    failure: "quota",
    message: "You've hit your 5-hour limit · resets 9:49pm (UTC)",
    retryAt: 1_795_470_550_000,
  },
  {
    what: "the limit of a subscription, from a CLI that does not name it",
    result: { ...API_FAILED, api_error_status: 429, result: "limit" },
    quotaRefused: { resetsAt: null },
    failure: "quota",
    message: "limit",
  },
  {
    what: "too many requests a minute with a key",
    result: { ...API_FAILED, api_error_status: 429, result: "API Error: 429 slow down" },
    error: "rate_limit",
    failure: "overloaded",
    message: "API Error: 429 slow down",
  },
  {
    what: "an overloaded service",
    result: { ...API_FAILED, api_error_status: 529, result: "API Error: 529 Overloaded" },
    error: "overloaded",
    failure: "overloaded",
    message: "API Error: 529 Overloaded",
  },
  {
    what: "an error inside the service",
    result: { ...API_FAILED, api_error_status: 500, result: "API Error: 500" },
    error: "server_error",
    failure: "overloaded",
    message: "API Error: 500",
  },
  {
    what: "a refused connection",
    result: {
      ...API_FAILED,
      api_error_status: null,
      api_error: "connection_failed",
      result: "API Error: Unable to connect",
    },
    failure: "overloaded",
    message: "API Error: Unable to connect",
  },
  {
    what: "a request without an answer",
    result: { ...API_FAILED, api_error_status: null, result: "API Error: Connection closed" },
    error: "unknown",
    failure: "overloaded",
    message: "API Error: Connection closed",
  },
  {
    what: "a wrong key",
    result: {
      ...API_FAILED,
      api_error_status: 401,
      result: "Invalid API key · Fix external API key",
    },
    error: "authentication_failed",
    failure: "auth",
    message: `${LOGIN_MESSAGE} (Invalid API key · Fix external API key)`,
  },
  {
    what: "a wrong key, given up after two refusals",
    result: null,
    error: "authentication_failed",
    exit: "was ended by SIGTERM",
    failure: "auth",
    message: LOGIN_MESSAGE,
  },
  {
    what: "a revoked token",
    result: {
      ...API_FAILED,
      api_error_status: 403,
      result: "OAuth token revoked. Please log in again.",
    },
    failure: "auth",
    message: `${LOGIN_MESSAGE} (OAuth token revoked. Please log in again.)`,
  },
  {
    what: "nobody logged in",
    result: {
      ...API_FAILED,
      api_error_status: null,
      result: "Not logged in · Please run /login",
    },
    failure: "auth",
    message: `${LOGIN_MESSAGE} (Not logged in · Please run /login)`,
  },
  {
    what: "a login that ran out",
    result: { ...API_FAILED, api_error_status: null, result: "Login expired" },
    error: "authentication_failed",
    failure: "auth",
    message: `${LOGIN_MESSAGE} (Login expired)`,
  },
  {
    what: "too little credit",
    result: { ...API_FAILED, api_error_status: 400, result: "Credit balance is too low" },
    error: "billing_error",
    failure: "billing",
    message: "Credit balance is too low",
  },
  {
    what: "too little credit, from a CLI that names no error",
    result: { ...API_FAILED, api_error_status: 400, result: "Credit balance is too low" },
    failure: "billing",
    message: "Credit balance is too low",
  },
  {
    what: "an unknown model",
    result: {
      ...API_FAILED,
      api_error_status: 404,
      result: "There's an issue with the selected model (nope).\nRun --model to pick another.",
    },
    error: "model_not_found",
    failure: "config",
    message: "There's an issue with the selected model (nope).",
  },
  {
    what: "root that may not skip permissions",
    result: { is_error: true, subtype: "success", startup_failure_reason: "bypass_root" },
    failure: "config",
    message:
      "Claude Code refuses to skip its permissions for root; run the daemon as an ordinary user.",
  },
  {
    what: "another failure at the start",
    result: {
      is_error: true,
      subtype: "success",
      startup_failure_reason: "bad_settings",
      result: "Settings are broken",
    },
    failure: "config",
    message: "Settings are broken",
  },
  {
    what: "a refusal by the model",
    result: {
      ...API_FAILED,
      api_error_status: null,
      stop_reason: "refusal",
      result: "API Error: safeguards flagged this message",
    },
    failure: "policy",
    message: "API Error: safeguards flagged this message",
  },
  {
    what: "used-up turns",
    result: { is_error: true, subtype: "error_max_turns", terminal_reason: "max_turns" },
    failure: "policy",
    message: "The agent used up its turns before it was done.",
  },
  {
    what: "a used-up budget",
    result: {
      is_error: true,
      subtype: "error_max_budget_usd",
      terminal_reason: "budget_exhausted",
    },
    failure: "budget",
    message: "The agent used up its budget before it was done.",
  },
  {
    what: "an answer in the wrong form",
    result: { is_error: true, subtype: "error_max_structured_output_retries" },
    failure: "policy",
    message: "The agent did not give its answer in the form that was asked for.",
  },
  {
    what: "a request that the service does not take",
    result: { ...API_FAILED, api_error_status: 400, result: "API Error: 400 prompt is too long" },
    error: "invalid_request",
    failure: "policy",
    message: "API Error: 400 prompt is too long",
  },
  {
    what: "an answer that became too long",
    result: { ...API_FAILED, api_error: "max_output_tokens", result: "output too long" },
    failure: "crash",
    message: "output too long",
  },
  {
    what: "a full disk",
    result: {
      is_error: true,
      subtype: "error_during_execution",
      errors: ["ENOSPC: no space left on device, write"],
    },
    failure: "disk",
    message: "The disk is full: Claude Code could not write.",
  },
  {
    what: "an error nobody has seen before",
    result: { is_error: true, subtype: "error_of_tomorrow", errors: ["something new"] },
    failure: "crash",
    message: "something new",
  },
  {
    what: "an error without a word",
    result: { is_error: true, subtype: "error_during_execution" },
    failure: "crash",
    message: "Claude Code failed without saying why (error_during_execution).",
  },
  {
    what: "a signal",
    result: null,
    exit: "was ended by SIGKILL",
    failure: "crash",
    message: "Claude Code was ended by SIGKILL without a result.",
  },
  {
    what: "an exit without a result",
    result: null,
    exit: "exited with code 3",
    stderr: "first\nsegmentation fault\n",
    failure: "crash",
    message: "Claude Code exited with code 3 without a result: segmentation fault",
  },
  {
    what: "a CLI that does not know an option",
    result: null,
    exit: "exited with code 1",
    stderr: "error: unknown option '--session-id'",
    failure: "config",
    message:
      "Claude Code does not know an option that is needed; update it (error: unknown option '--session-id').",
  },
];

describe("failureOf", () => {
  it.each(ROWS)("names $what: $failure", (row) => {
    const { what: _, failure, message, retryAt = null, ...facts } = row;
    const all: FailureFacts = {
      result: null,
      error: null,
      quotaRefused: null,
      exit: "exited with code 1",
      stderr: "",
      begun: true,
      ...facts,
    };
    expect(failureOf(all)).toEqual({ type: "failed", failure, message, retryAt });
  });
});

describe("isUnknownSession", () => {
  const facts = {
    result: null,
    error: null,
    quotaRefused: null,
    exit: "exited with code 1",
    begun: true,
  };
  const words = "No conversation found with session ID: 0b136e36";
  it.each([
    { from: "errors", is: true, result: { errors: [words] }, stderr: "" },
    { from: "the result", is: true, result: { result: words }, stderr: "" },
    { from: "standard error", is: true, result: null, stderr: words },
    { from: "another failure", is: false, result: { result: "Overloaded" }, stderr: "" },
  ])("reads it from $from", ({ is, result, stderr }) => {
    expect(isUnknownSession({ ...facts, result, stderr })).toBe(is);
  });
});
