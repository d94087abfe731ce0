import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { pipeline } from "node:stream";
import { answer } from "./closing.ts";
import type { EgressContext } from "./context.ts";
import { limitConnecting } from "./dial.ts";
import { backwardHeaders, hasBody } from "./headers.ts";

/** A request from inside and the answer to it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Carries a request on and its answer back, both as they come; `host` is the name in what a client is told. */
export function relay(
  context: EgressContext,
  { request, response }: Exchange,
  upstream: ClientRequest,
  host: string,
): void {
  upstream.on("socket", (socket: Socket) => limitConnecting(context, socket));
  const fail = (status: number, text: string): void => {
    // An answer that has begun breaks off with the one it comes from, or is still on its way in full.
    if (!response.headersSent && !response.destroyed) answer(response, status, text);
    upstream.destroy();
  };
  // Every error ends in a close, and some closes come without one.
  upstream.on("error", () => {});
  upstream.once("close", () => fail(502, `${host} could not be reached.\n`));
  upstream.on("response", (reply) => sendBack(reply, response, upstream));
  upstream.setTimeout(context.limits.idleTimeoutMs, () =>
    fail(504, `${host} did not answer in time.\n`),
  );
  // Also after a full answer: what is left of the request is of no use then.
  response.once("close", () => upstream.destroy());
  request.on("error", () => {});
  if (!hasBody(request)) {
    upstream.end();
    return;
  }
  // Not kept until the first of the body: the other side may answer before.
  upstream.flushHeaders();
  request.pipe(upstream);
}

function sendBack(reply: IncomingMessage, response: ServerResponse, upstream: ClientRequest): void {
  try {
    response.sendDate = false;
    response.writeHead(reply.statusCode ?? 502, reply.statusMessage, backwardHeaders(reply));
    response.flushHeaders();
  } catch {
    upstream.destroy(new Error("The answer has headers that cannot be sent."));
    return;
  }
  pipeline(reply, response, () => {});
}
