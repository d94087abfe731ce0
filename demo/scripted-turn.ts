/** One tool call of a scripted answer, for example Write, Edit, Bash or Read. */
interface ScriptedTool {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What one window of a subscription says of itself. */
export interface ScriptedWindow {
  /** Share used, 0 to 1. */
  readonly used: number;
  /** Epoch milliseconds; whole seconds reach the agent. */
  readonly resetsAt: number;
}

/** What the provider says of the subscription beside an answer; only agents with a login see it. */
export interface ScriptedQuota {
  readonly status: "allowed" | "allowed_warning" | "rejected";
  readonly fiveHour: ScriptedWindow;
  readonly sevenDay: ScriptedWindow;
  /** Which window decided; five hours when not given. */
  readonly claim?: "five_hour" | "seven_day";
}

/** Tokens that an answer says it used. */
interface ScriptedUsage {
  readonly input: number;
  readonly output: number;
}

/** One answer of the scripted model. */
export type ScriptedTurn = {
  /** Waits this long before it answers. */
  readonly delayMs?: number;
  readonly quota?: ScriptedQuota;
  readonly usage?: ScriptedUsage;
} & (
  | { readonly text: string; readonly tools?: readonly ScriptedTool[] }
  | { readonly tools: readonly ScriptedTool[] }
  | {
      readonly error: {
        readonly status: number;
        readonly type: string;
        readonly message: string;
        readonly retryAfterSeconds?: number;
      };
    }
  /** Takes the request and never answers. */
  | { readonly hang: true }
  /** Begins to answer and drops the connection. */
  | { readonly cut: true }
  /** Refuses to do it, as the model's safety rules may. */
  | { readonly refusal: true }
);

/** Says words and ends the turn. */
export function say(
  text: string,
  more: Pick<ScriptedTurn, "delayMs" | "usage"> = {},
): ScriptedTurn {
  return { text, ...more };
}

/** Calls one tool. */
export function use(
  name: string,
  input: Readonly<Record<string, unknown>>,
  more: Pick<ScriptedTurn, "delayMs" | "usage"> = {},
): ScriptedTurn {
  return { tools: [{ name, input }], ...more };
}

/** The provider is overloaded (529). */
export function overloaded(): ScriptedTurn {
  return { error: { status: 529, type: "overloaded_error", message: "Overloaded" } };
}

/** The five-hour limit of a subscription is used up until `resetsAt` (epoch milliseconds). */
export function limitHit(resetsAt: number, sevenDay?: ScriptedWindow): ScriptedTurn {
  return {
    error: {
      status: 429,
      type: "rate_limit_error",
      message: "This request would exceed your account's rate limit. Please try again later.",
    },
    quota: {
      status: "rejected",
      fiveHour: { used: 1, resetsAt },
      sevenDay: sevenDay ?? { used: 0.4, resetsAt: resetsAt + 3 * 24 * 3_600_000 },
    },
  };
}

/** The headers by which the provider tells of a subscription's limits. */
export function quotaHeaders(quota: ScriptedQuota): Record<string, string> {
  const prefix = "anthropic-ratelimit-unified";
  const claim = quota.claim ?? "five_hour";
  const decisive = claim === "five_hour" ? quota.fiveHour : quota.sevenDay;
  const windowHeaders = (name: string, window: ScriptedWindow, isClaim: boolean) => ({
    [`${prefix}-${name}-utilization`]: String(window.used),
    [`${prefix}-${name}-reset`]: String(Math.floor(window.resetsAt / 1000)),
    [`${prefix}-${name}-status`]: isClaim ? quota.status : "allowed",
  });
  return {
    [`${prefix}-status`]: quota.status,
    [`${prefix}-reset`]: String(Math.floor(decisive.resetsAt / 1000)),
    [`${prefix}-representative-claim`]: claim,
    ...windowHeaders("5h", quota.fiveHour, claim === "five_hour"),
    ...windowHeaders("7d", quota.sevenDay, claim === "seven_day"),
  };
}
