import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";

/** Those that speak of one connection only, and so never pass through. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "expect",
  "http2-settings",
  "keep-alive",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The headers of a request as they go on: for this authority, framed as they came, and without
 * those named in `dropped` (lower case).
 */
export function onwardHeaders(
  request: IncomingMessage,
  authority: string,
  dropped: readonly string[] = [],
): OutgoingHttpHeaders {
  const ends = endingHere(request, [...dropped, "host", "content-length"]);
  const kept = Object.entries(request.headersDistinct).filter(([name]) => !ends(name));
  return { ...Object.fromEntries(kept), host: authority, ...framing(request) };
}

/** The headers of a response as they go back, in their own spelling and order. */
export function backwardHeaders(response: IncomingMessage): string[] {
  const ends = endingHere(response, []);
  const { rawHeaders } = response;
  return rawHeaders.filter((_text, index) => {
    const name = rawHeaders[index - (index % 2)] ?? "";
    return !ends(name.toLowerCase());
  });
}

/** Whether a body follows the headers. */
export function hasBody(request: IncomingMessage): boolean {
  return isChunked(request) || Number(request.headers["content-length"] ?? 0) > 0;
}

/** Whether a body comes in a transfer coding that is only decoded here, not carried on. */
export function isOddlyCoded(request: IncomingMessage): boolean {
  return isChunked(request) && request.headers["transfer-encoding"]?.toLowerCase() !== "chunked";
}

function framing(request: IncomingMessage): OutgoingHttpHeaders {
  const length = request.headers["content-length"];
  if (isChunked(request)) return { "transfer-encoding": "chunked" };
  return length === undefined ? {} : { "content-length": length };
}

function isChunked(message: IncomingMessage): boolean {
  return message.headers["transfer-encoding"] !== undefined;
}

function endingHere(
  message: IncomingMessage,
  also: readonly string[],
): (lowerCaseName: string) => boolean {
  const named = (message.headers.connection ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  const all = new Set([...named, ...also]);
  return (name) => HOP_BY_HOP.has(name) || name.startsWith("proxy-") || all.has(name);
}
