import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { answer } from "../egress/closing.ts";
import { asked, beginAnswer, type Exchange, lengthOf } from "./exchange.ts";

/** What an index page becomes inside; `url` is where it came from after all redirects. */
export type Rewrite = (text: string, url: URL, contentType: string) => string;

const PAGE_BYTES_MAX = 32 * 1024 * 1024;
const CONDITIONS = ["accept", "if-none-match", "if-modified-since", "user-agent"];

/** Answers with what upstream says now, byte for byte; nothing of it is kept. */
export async function servePage(exchange: Exchange, url: URL): Promise<void> {
  const reply = await asked(exchange, url, [...CONDITIONS, "accept-encoding"]);
  if (reply === null) return;
  await passOn(exchange, reply.message);
}

/** Answers with a page whose links lead to names that exist inside. */
export async function serveRewritten(
  exchange: Exchange,
  url: URL,
  rewrite: Rewrite,
): Promise<void> {
  const reply = await asked(exchange, url, CONDITIONS, { "accept-encoding": "identity" });
  if (reply === null) return;
  const { message } = reply;
  if (message.statusCode !== 200 || exchange.request.method === "HEAD") {
    // The length would be that of another text.
    beginAnswer(exchange.response, message);
    message.resume();
    exchange.response.end();
    return;
  }
  const text = message.headers["content-encoding"] === undefined ? await textOf(message) : null;
  const page = text === null ? null : tried(() => rewrite(text, reply.url, contentTypeOf(message)));
  if (page === null) {
    return answer(exchange.response, 502, "The registry's answer could not be read.\n");
  }
  beginAnswer(exchange.response, message, { "content-length": Buffer.byteLength(page) });
  exchange.response.end(page);
}

/** Carries an answer on; one that breaks off breaks off here too. */
export async function passOn({ response }: Exchange, message: IncomingMessage): Promise<void> {
  beginAnswer(response, message, lengthOf(message));
  await pipeline(message, response).catch(() => {});
}

/** Null when it breaks off or is too long. */
async function textOf(message: IncomingMessage): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > PAGE_BYTES_MAX) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return message.complete ? Buffer.concat(chunks).toString("utf8") : null;
}

function contentTypeOf({ headers }: IncomingMessage): string {
  return headers["content-type"] ?? "";
}

function tried(make: () => string): string | null {
  try {
    return make();
  } catch {
    return null;
  }
}
