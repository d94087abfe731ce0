import { lookup } from "node:dns";
import { once } from "node:events";
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { urlToHttpOptions } from "node:url";
import { isPublicAddress } from "../egress/addresses.ts";

/** What is asked of a registry: never more than this, whatever came from inside. */
export interface Question {
  readonly method: "GET" | "HEAD";
  readonly headers: Readonly<Record<string, string>>;
}

/** The last answer after all redirects and where it came from, or one sentence why there is none. */
export type Reply =
  | { readonly ok: true; readonly message: IncomingMessage; readonly url: URL }
  | { readonly ok: false; readonly reason: string };

/** Asks one registry, and the public hosts over TLS that it points to. */
export interface Upstream {
  readonly ask: (url: URL, question: Question, signal: AbortSignal) => Promise<Reply>;
}

const REDIRECTS_MAX = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Without a byte, connecting included. */
const IDLE_TIMEOUT_MS = 60_000;

/**
 * The registry at `base` may be anywhere, since a person named it; every other host must be public
 * and is reached over TLS only. The name and password in `base` go to it alone.
 */
export function openUpstream(base: URL): Upstream {
  const trusted = agents();
  const guarded = agents(publicOnly);
  return {
    ask: async (url, question, signal) => {
      let at = url;
      for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
        const isOwn = at.origin === base.origin;
        const problem = isOwn ? null : problemOf(at);
        if (problem !== null) return { ok: false, reason: problem };
        const message = await send(at, question, signal, {
          agent: (isOwn ? trusted : guarded)[at.protocol === "https:" ? "https" : "http"],
          ...(isOwn ? credentials(base) : {}),
        });
        if (message === null) return { ok: false, reason: `${at.host} could not be reached.` };
        const next = redirectOf(message, at);
        if (next === null) return { ok: true, message, url: at };
        message.destroy();
        at = next;
      }
      return { ok: false, reason: "There are too many redirects." };
    },
  };
}

/** A host that the registry points to. */
function problemOf({ protocol, hostname }: URL): string | null {
  if (protocol !== "https:") return "It leads to another host without TLS.";
  const address = hostname.replace(/^\[|\]$/gu, "");
  return isIP(address) === 0 || isPublicAddress(address)
    ? null
    : "It leads to an address that is not public.";
}

function credentials({ username, password }: URL): { readonly auth?: string } {
  if (username === "" && password === "") return {};
  return { auth: `${decodeURIComponent(username)}:${decodeURIComponent(password)}` };
}

async function send(
  url: URL,
  { method, headers }: Question,
  signal: AbortSignal,
  more: { readonly agent: HttpAgent; readonly auth?: string },
): Promise<IncomingMessage | null> {
  // Never a name and password that stand in a link.
  const { auth: _ofLink, ...where } = urlToHttpOptions(url);
  const start = url.protocol === "https:" ? httpsRequest : httpRequest;
  const request = start({ ...where, ...more, method, headers, signal, timeout: IDLE_TIMEOUT_MS });
  request.on("timeout", () => request.destroy(new Error("Nothing came in time.")));
  request.on("error", () => {});
  try {
    const answered = once(request, "response");
    request.end();
    const [message] = (await answered) as [IncomingMessage];
    // Breaks are seen by whoever reads it.
    message.on("error", () => {});
    return message;
  } catch {
    // A connection kept from before may have been closed over there just now.
    const isStale = request.reusedSocket && !signal.aborted;
    return isStale ? await send(url, { method, headers }, signal, more) : null;
  }
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | null {
  if (!REDIRECTS.has(statusCode) || headers.location === undefined) return null;
  return URL.parse(headers.location, from.href);
}

function agents(guard?: LookupFunction): { readonly http: HttpAgent; readonly https: HttpsAgent } {
  const options = {
    keepAlive: true,
    ...(guard === undefined ? {} : { lookup: guard }),
  };
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

/** Resolves for a connection, and fails when any of the addresses is none of the public internet. */
const publicOnly: LookupFunction = (host, options, tell) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return tell(error, []);
    if (addresses.every(({ address }) => isPublicAddress(address))) return tell(null, addresses);
    tell(new Error("Its name leads to an address that is not public."), []);
  });
};
