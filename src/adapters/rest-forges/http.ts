import { setTimeout as sleep } from "node:timers/promises";
import type { Shape } from "../../core/shape.ts";
import type { ForgeFailed } from "../../ports/forge.ts";
import { makeRestFailures } from "./failures.ts";
import type { RestForgeOptions } from "./options.ts";
import { type Raw, requestOnce } from "./transport.ts";

/** A request below the address of the API; `what` completes "when asked to …". */
export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "PATCH";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Asks for what is new since then. */
  readonly etag?: string | null;
  readonly what: string;
  readonly signal: AbortSignal;
}

/** What the forge said when it did not do what was asked. */
export interface Refusal {
  readonly type: "refused";
  readonly status: number;
  readonly message: string;
}

/** What the forge answered. */
export type Answer<T> =
  | { readonly type: "ok"; readonly data: T; readonly etag: string | null }
  | { readonly type: "unchanged" }
  | Refusal;

/** Asks one forge. Throws ForgeFailed and the signal's reason only. */
export interface RestClient {
  readonly ask: <T>(shape: Shape<T>, ask: Ask) => Promise<Answer<T>>;
  /** Like `ask`, but a refusal is a failure. */
  readonly must: <T>(shape: Shape<T>, ask: Ask) => Promise<T>;
  readonly fail: (refusal: Refusal, what: string) => ForgeFailed;
}

/** Longest wait for a limit that is not told to the caller. */
const LIMIT_WAIT_MAX_MS = 60_000;
/** Waits before what changes nothing is asked again. */
const RETRY_WAITS_MS = [1000, 4000];

/** `name` is what messages call the forge. */
export function makeRestClient(
  name: string,
  authorization: string,
  options: RestForgeOptions,
): RestClient {
  const { apiUrl, now } = options;
  const { words, unreachable, limited, unauthorized, fail } = makeRestFailures(name, options);

  async function ask<T>(shape: Shape<T>, asked: Ask): Promise<Answer<T>> {
    const { what } = asked;
    const { status, headers, data } = await patiently(asked);
    if (status === 304) return { type: "unchanged" };
    if (status === 429) throw limited(what, now() + (waitMsOf(headers, now()) ?? 60_000));
    if (status === 401 && !asked.path.endsWith("/merge")) throw unauthorized(what);
    if (status >= 500) throw unreachable(what, String(status));
    if (status >= 300) return { type: "refused", status, message: words(messageOf(data)) };
    const parsed = shape(data);
    if (parsed === null) throw unreachable(what, `it does not answer like ${name}`);
    return { type: "ok", data: parsed.value, etag: headers.get("etag") };
  }

  /** Asks again what may be asked twice, and after a short limit. */
  async function patiently(asked: Ask): Promise<Raw> {
    const waits = [...RETRY_WAITS_MS];
    for (;;) {
      const raw = await requestOnce(apiUrl, authorization, asked);
      const wait = waits.shift();
      const waitMs = wait === undefined || raw === null ? wait : waitBefore(raw, asked, wait);
      const isFinal = raw === null && asked.method === "POST";
      if (waitMs === undefined || isFinal) {
        if (raw === null) throw unreachable(asked.what, "no answer");
        return raw;
      }
      await sleep(waitMs, undefined, { signal: asked.signal }).catch(() => {});
      asked.signal.throwIfAborted();
    }
  }

  function waitBefore({ status, headers }: Raw, { method }: Ask, wait: number): number | undefined {
    if (status === 429) {
      const limitMs = waitMsOf(headers, now()) ?? Infinity;
      return limitMs <= LIMIT_WAIT_MAX_MS ? limitMs : undefined;
    }
    return status >= 500 && method === "GET" ? wait : undefined;
  }

  async function must<T>(shape: Shape<T>, asked: Ask): Promise<T> {
    const answer = await ask(shape, asked);
    if (answer.type === "ok") return answer.data;
    const nothing = { type: "refused", status: 304, message: "nothing is new" } as const;
    throw fail(answer.type === "refused" ? answer : nothing, asked.what);
  }

  return { ask, must, fail };
}

/** GitLab's `message` may be a text, a list, or lists by field. */
function messageOf(data: unknown): string {
  const { message, error } = (data ?? {}) as {
    readonly message?: unknown;
    readonly error?: unknown;
  };
  const said = message ?? error ?? "it gives no reason";
  return typeof said === "string" ? said : JSON.stringify(said);
}

function waitMsOf(headers: Headers, now: number): number | null {
  const afterMs = Number(headers.get("retry-after") ?? "") * 1000;
  if (afterMs > 0) return afterMs;
  const resetMs = Number(headers.get("ratelimit-reset") ?? "") * 1000 - now;
  return resetMs > 0 ? resetMs : null;
}
