import assert from "node:assert/strict";
import { ForgeFailed } from "../../src/ports/forge.ts";
import type { Fault } from "./proxy.ts";
import type { Stage } from "./stage.ts";

const BROKEN: Fault = { type: "answer", status: 500, body: { message: "Server Error" } };
const BAD_GATEWAY: Fault = { type: "answer", status: 502, body: "bad gateway" };

/** Refused for a moment, which is waited for. */
export const SECONDARY_LIMIT: Fault = {
  type: "answer",
  status: 403,
  headers: { "retry-after": "1" },
  body: { message: "You have exceeded a secondary rate limit. Please wait a few minutes." },
};

/** The answer to a token that has ended. */
export const BAD_CREDENTIALS: Fault = {
  type: "answer",
  status: 401,
  body: { message: "Bad credentials" },
};

/** All that may go wrong with one request. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "an error of the server": BROKEN,
  "a bad gateway": BAD_GATEWAY,
  "an ended token": BAD_CREDENTIALS,
  "a secondary limit": SECONDARY_LIMIT,
  "a page instead of JSON": { type: "html" },
  "a reset connection": { type: "reset" },
  "a cut answer": { type: "cut" },
  "an error after success": { type: "after", fault: BROKEN },
  "a bad gateway after success": { type: "after", fault: BAD_GATEWAY },
  "a page instead of JSON after success": { type: "after", fault: { type: "html" } },
  "a reset connection after success": { type: "after", fault: { type: "reset" } },
};

/**
 * Does something with a fault at its n-th request, and once more when it failed. It may fail only
 * where nothing was done and nothing can be known, and only in words that hold no secret.
 */
export async function withFaultAt<T>(
  stage: Stage,
  { fault, at }: { readonly fault: Fault; readonly at: number },
  act: () => Promise<T>,
): Promise<T> {
  let faulty: { readonly method: string; readonly path: string } | null = null;
  stage.proxy.fault = (request) => {
    if (request.index !== at) return null;
    faulty = request;
    return fault;
  };
  try {
    const done = await act();
    assert.ok(faulty, `there was no request ${at}`);
    return done;
  } catch (error) {
    assert.ok(error instanceof ForgeFailed, String(error));
    assert.ok(faulty !== null && mayFail(fault, faulty), `${error.message} (${error.kind})`);
    noSecretIn(stage, `${error.stack}${JSON.stringify(error)}${JSON.stringify(error.cause)}`);
  }
  return act();
}

/** What is not done again by itself: writes that may have been done, and a key that is not accepted. */
function mayFail(
  fault: Fault,
  { method, path }: { readonly method: string; readonly path: string },
) {
  const isKey = path.startsWith("/app") || path.endsWith("/installation");
  if (fault === BAD_CREDENTIALS) return isKey;
  const isAlways = isKey || method === "GET" || method === "PATCH";
  return !isAlways && fault !== SECONDARY_LIMIT && fault.type !== "after" && fault.type !== "cut";
}

/** A text, and all that was logged, hold no token of this case and no key. */
export function noSecretIn(stage: Stage, text: string): void {
  const all = `${text}${JSON.stringify(stage.log.lines)}`;
  const tokens = stage.proxy.seen.map(({ token }) => token).filter((token) => token !== "");
  for (const token of new Set(tokens)) {
    assert.ok(!all.includes(token), "a token is told");
    assert.ok(!all.includes(Buffer.from(`x-access-token:${token}`).toString("base64")));
  }
  assert.ok(!all.includes("PRIVATE KEY"), "a key is told");
}
