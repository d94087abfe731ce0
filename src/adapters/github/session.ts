import { ForgeFailed } from "../../ports/forge.ts";
import type { Failures, Refusal } from "./failures.ts";
import { type Kits, loadKits } from "./kits.ts";
import type { GitHubForgeOptions } from "./options.ts";
import { makeTokens, type Tokens } from "./tokens.ts";
import { untilAborted } from "./transport.ts";

/** What requests are made with. */
export interface Session extends Kits {
  readonly tokens: Tokens;
}

/** An answer as it came; status 304 for what is as it was. */
export interface Raw {
  readonly status: number;
  readonly data: unknown;
  readonly headers: { readonly etag?: string | undefined };
}

/** Sends one request; `what` completes "when asked to …". Throws ForgeFailed and the signal's reason. */
export type Send = (
  what: string,
  signal: AbortSignal,
  request: (session: Session) => Promise<Raw>,
) => Promise<Raw | Refusal>;

/** Connects to nothing until something is sent. */
export function makeSend(options: GitHubForgeOptions, failures: Failures): Send {
  let session: Promise<Session> | null = null;
  return async (what, signal, request) => {
    signal.throwIfAborted();
    session ??= openSession(options, failures);
    try {
      return await untilAborted(signal, session.then(request));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ForgeFailed) throw error;
      if ((error as Partial<Raw>).status === 304) return { status: 304, data: null, headers: {} };
      const failure = failures.of(error, what);
      if (failure instanceof Error) throw failure;
      return failure;
    }
  };
}

/** Every request gets the token of the moment, and once another when that is not accepted. */
async function openSession(options: GitHubForgeOptions, failures: Failures): Promise<Session> {
  const kits = await loadKits(options);
  const tokens = makeTokens(options, kits, failures);
  kits.plain.hook.wrap("request", async (request, asked) => {
    const token = await tokens.current();
    // The plugins below were given these very options: other ones would not reach them.
    asked.headers.authorization = `token ${token.value}`;
    try {
      return await request(asked);
    } catch (error) {
      const isRefused = (error as Partial<Raw>).status === 401;
      const other = isRefused ? await tokens.instead(token) : null;
      if (other === null) throw error;
      asked.headers.authorization = `token ${other.value}`;
      return request(asked);
    }
  });
  return { ...kits, tokens };
}
