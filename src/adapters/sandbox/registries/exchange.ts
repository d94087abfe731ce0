import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { answer } from "../egress/closing.ts";
import type { FileCache } from "./cache.ts";
import type { Reply, Upstream } from "./upstream.ts";

/** One request from inside to a registry. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upstream: Upstream;
  readonly cache: FileCache;
}

/** Answers from a registry that are known to hold nothing but what was asked for. */
const BACKWARD = [
  "cache-control",
  "content-encoding",
  "content-type",
  "etag",
  "expires",
  "last-modified",
  "retry-after",
  "vary",
];

/** Asks upstream with these headers of the request and no others; null when it was answered with why not. */
export async function asked(
  { request, response, upstream }: Exchange,
  url: URL,
  passed: readonly string[],
  set: Readonly<Record<string, string>> = {},
): Promise<Extract<Reply, { ok: true }> | null> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const method = request.method === "HEAD" ? "HEAD" : "GET";
  const own = passed.flatMap((name) => {
    const value = request.headers[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  const headers = { ...Object.fromEntries(own), ...set };
  const reply = await upstream.ask(url, { method, headers }, gone.signal);
  if (reply.ok) return reply;
  if (!response.destroyed) answer(response, 502, `The registry did not answer: ${reply.reason}\n`);
  return null;
}

/** Begins the answer with what may be told of the one from upstream. */
export function beginAnswer(
  response: ServerResponse,
  message: IncomingMessage,
  more: OutgoingHttpHeaders = {},
): void {
  const kept = BACKWARD.flatMap((name) => {
    const value = message.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  response.writeHead(message.statusCode ?? 502, { ...Object.fromEntries(kept), ...more });
}

/** The length upstream announced, as a header; none when it announced none. */
export function lengthOf({ headers }: IncomingMessage): OutgoingHttpHeaders {
  const length = headers["content-length"];
  return length === undefined ? {} : { "content-length": length };
}
