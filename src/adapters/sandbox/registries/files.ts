import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import type { Draft } from "./cache.ts";
import { asked, beginAnswer, type Exchange, lengthOf } from "./exchange.ts";
import { passOn } from "./pages.ts";

/** A file of a registry that never changes under its address. */
export interface RegistryFile {
  readonly url: URL;
  /** The first bytes of every file of this kind: what begins otherwise, such as a login page, is not kept. */
  readonly begins: string;
}

/** The first bytes of what is packed with gzip. */
export const GZIP = "\x1f\x8b";
/** The first bytes of a zip archive. */
export const ZIP = "PK";

/**
 * Answers with a whole file, from the cache or from upstream. It is kept only when it came whole, with
 * its end announced; `Range` is not heeded, as a server may.
 */
export async function serveFile(exchange: Exchange, file: RegistryFile): Promise<void> {
  const name = nameOf(file.url);
  if (await serveKept(exchange, name)) return;
  const reply = await asked(exchange, file.url, ["user-agent"], { "accept-encoding": "identity" });
  if (reply === null) return;
  const { message } = reply;
  if (!isKeepable(exchange, message)) return await passOn(exchange, message);
  const draft = await exchange.cache.begin(name, Number(message.headers["content-length"] ?? 0));
  if (draft === null) return await passOn(exchange, message);
  await carry(exchange, message, draft, file.begins);
}

/** The address without what is secret in it. */
function nameOf({ origin, pathname, search }: URL): string {
  return `${origin}${pathname}${search}`;
}

async function serveKept({ request, response, cache }: Exchange, name: string): Promise<boolean> {
  const found = await cache.find(name);
  if (found === null) return false;
  const { handle, bytes } = found;
  response.writeHead(200, {
    "content-type": "application/octet-stream",
    "content-length": bytes,
  });
  if (request.method === "HEAD") {
    response.end();
    await handle.close();
  } else {
    // Closes the file at its end, whatever that is.
    await pipeline(handle.createReadStream(), response).catch(() => {});
  }
  return true;
}

function isKeepable({ request }: Exchange, { statusCode, headers }: IncomingMessage): boolean {
  // Without either, the end of the connection is the end of the file, and a break looks the same.
  const hasEnd =
    headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
  return (
    request.method === "GET" &&
    statusCode === 200 &&
    headers["content-encoding"] === undefined &&
    hasEnd
  );
}

/** Carries a file to the one who asked and into the draft; who goes away ends both. */
async function carry(
  { response }: Exchange,
  message: IncomingMessage,
  draft: Draft,
  begins: string,
): Promise<void> {
  beginAnswer(response, message, lengthOf(message));
  response.flushHeaders();
  let beginning = "";
  // The last bytes wait until the file is kept, so that who has it all finds it the next time.
  let last: Buffer | null = null;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      if (beginning.length < begins.length) beginning += chunk.toString("latin1", 0, begins.length);
      await draft.write(chunk);
      if (response.destroyed) return;
      if (last !== null && !response.write(last)) await drained(response);
      last = chunk;
    }
    if (message.complete && beginning.startsWith(begins)) await draft.keep();
    response.end(last);
  } catch {
    response.destroy();
  } finally {
    await draft.drop();
  }
}

/** Until more can be written, or nobody reads any more. */
async function drained(response: Exchange["response"]): Promise<void> {
  const settled = new AbortController();
  const events = ["drain", "close"].map((event) =>
    once(response, event, { signal: settled.signal }),
  );
  await Promise.race(events).finally(() => settled.abort());
}
