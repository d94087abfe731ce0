import type { Ask } from "./http.ts";

/** An answer as it came. */
export interface Raw {
  readonly status: number;
  readonly headers: Headers;
  readonly data: unknown;
}

const REQUEST_MAX_MS = 30_000;
const ANSWER_MAX_BYTES = 20 * 1024 * 1024;

/** Sends one request; null when there was no whole answer, or a success that is no JSON. */
export async function requestOnce(
  apiUrl: string,
  authorization: string,
  { method, path, query, body, etag, signal }: Ask,
): Promise<Raw | null> {
  signal.throwIfAborted();
  const url = new URL(`${apiUrl.replace(/\/+$/u, "")}${path}`);
  for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
  try {
    const response = await fetch(url, {
      method,
      // A token is not carried elsewhere, and a POST not made a GET.
      redirect: method === "GET" ? "follow" : "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MAX_MS)]),
      headers: {
        authorization,
        accept: "application/json",
        "user-agent": "sleepless-agent",
        ...(typeof etag === "string" ? { "if-none-match": etag } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const data = jsonOf(await textOf(response));
    if (response.ok && data === undefined) return null;
    return { status: response.status, headers: response.headers, data };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > ANSWER_MAX_BYTES) throw new Error("the answer is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** Nothing is an answer, too. */
function jsonOf(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
