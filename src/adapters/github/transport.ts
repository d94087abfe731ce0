/** Longest that one request may take, in milliseconds. */
const REQUEST_MAX_MS = 30_000;
/** Longest answer that is read, in bytes. */
const ANSWER_MAX_BYTES = 20 * 1024 * 1024;

/**
 * A fetch that ends in time, reads the whole answer and takes nothing but JSON for a success, so
 * that a cut answer and the page of a proxy are failures of the connection.
 */
export async function fetchWhole(
  url: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> {
  const caller = init.signal ?? new AbortController().signal;
  const signal = AbortSignal.any([caller, AbortSignal.timeout(REQUEST_MAX_MS)]);
  try {
    const response = await fetch(url, { ...init, signal });
    const body = await bodyOf(response);
    if (response.ok && body !== null && !isJson(response)) throw new Error("no JSON in the answer");
    return new Response(body, { status: response.status, headers: headersOf(response) });
  } catch (error) {
    // By this name it is known that nothing may be tried again.
    if (caller.aborted) throw new DOMException("aborted", "AbortError");
    if (signal.aborted) {
      throw new Error(`no answer within ${REQUEST_MAX_MS / 1000} s`, { cause: error });
    }
    throw error;
  }
}

async function bodyOf(response: Response): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    size += part.length;
    if (size > ANSWER_MAX_BYTES) throw new Error("the answer is too long");
    parts.push(part);
  }
  return size === 0 ? null : Buffer.concat(parts);
}

function isJson(response: Response): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/iu.test(response.headers.get("content-type") ?? "");
}

/** Without what tells of the form in which the body came. */
function headersOf(response: Response): Headers {
  const headers = new Headers(response.headers);
  headers.delete("content-encoding");
  headers.delete("content-length");
  return headers;
}

/** The work, or the reason of the signal as soon as it is aborted. */
export async function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
