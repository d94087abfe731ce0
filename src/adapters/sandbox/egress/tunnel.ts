import type { Socket } from "node:net";
import { admit, type Route } from "./admission.ts";
import { type Greeting, readClientHello } from "./client-hello.ts";
import { closeWith, endWith } from "./closing.ts";
import type { EgressContext } from "./context.ts";
import { denialOf, denialText } from "./denials.ts";
import { dial, limitConnecting } from "./dial.ts";
import type { Denial } from "../../../ports/launcher.ts";

const ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";
/** TLS alert, fatal, access denied: the client's words for it are clearer than a connection that breaks. */
const TLS_ACCESS_DENIED: Uint8Array = Uint8Array.of(21, 3, 3, 0, 2, 2, 49);
/** TLS alert, fatal, internal error. */
const TLS_INTERNAL_ERROR: Uint8Array = Uint8Array.of(21, 3, 3, 0, 2, 2, 80);

/**
 * Serves one CONNECT: a tunnel for TLS to the named host, or the reason why not. One to a name that
 * exists only inside leads to `serveInside`, since there is nothing to keep secret on the way here.
 */
export async function serveTunnel(
  context: EgressContext,
  authority: string,
  client: Socket,
  head: Buffer,
  serveInside: (host: string) => void,
): Promise<void> {
  const { lingerMs } = context.limits;
  const refuse = (denial: Denial): void => {
    context.deny(denial);
    closeWith(client, 403, denialText(denial), lingerMs);
  };
  const admission = await admit(context, authority, null);
  if (client.destroyed) return;
  switch (admission.type) {
    case "refused":
      return refuse(admission.denial);
    case "virtual":
      client.write(ESTABLISHED);
      if (head.length > 0) client.unshift(head);
      return serveInside(admission.virtual.host);
    case "unresolved":
      return closeWith(client, 502, `${admission.host} could not be resolved.\n`, lingerMs);
    case "direct":
      client.write(ESTABLISHED);
      await openTunnel(context, admission.route, client, head);
  }
}

async function openTunnel(
  context: EgressContext,
  route: Route,
  client: Socket,
  head: Buffer,
): Promise<void> {
  const { greeting, bytes } = await readGreeting(client, head, context.limits.greetingTimeoutMs);
  // Opened in advance and given up unused: nothing was asked for.
  if (client.readableEnded && bytes.length === 0) client.destroy();
  if (client.destroyed) return;
  const problem = problemOf(greeting, route.host);
  if (problem !== null) {
    context.deny(denialOf(route.host, route.port, problem));
    const last = greeting.type === "not-tls" ? "" : TLS_ACCESS_DENIED;
    endWith(client, last, context.limits.lingerMs);
    return;
  }
  const server = dial(route);
  limitConnecting(context, server);
  let connected = false;
  server.once("connect", () => void (connected = true));
  server.once("error", () => {
    if (!connected) endWith(client, TLS_INTERNAL_ERROR, context.limits.lingerMs);
  });
  server.write(bytes);
  join(client, server);
}

interface ReadGreeting {
  readonly greeting: Greeting;
  /** All that was read so far, the greeting and what came with it. */
  readonly bytes: Buffer;
}

/** Reads until the greeting is whole or is none; what the client has not sent in time stays incomplete. */
async function readGreeting(
  client: Socket,
  head: Buffer,
  timeoutMs: number,
): Promise<ReadGreeting> {
  let read: ReadGreeting = { greeting: readClientHello(head), bytes: head };
  if (read.greeting.type !== "incomplete") return read;
  return await new Promise((resolve) => {
    const ends = ["end", "close"] as const;
    // Stops at once, so that no chunk comes between the greeting and the pipe.
    const settle = (): void => {
      clearTimeout(timer);
      client.off("data", more).pause();
      for (const event of ends) client.off(event, settle);
      resolve(read);
    };
    const more = (chunk: Buffer): void => {
      const bytes = Buffer.concat([read.bytes, chunk]);
      read = { greeting: readClientHello(bytes), bytes };
      if (read.greeting.type !== "incomplete") settle();
    };
    const timer = setTimeout(settle, timeoutMs);
    for (const event of ends) client.on(event, settle);
    client.on("data", more).resume();
  });
}

function problemOf(greeting: Greeting, host: string): string | null {
  switch (greeting.type) {
    case "incomplete":
      return "no whole TLS greeting came through its tunnel";
    case "not-tls":
      return "what came through its tunnel is not TLS";
    case "malformed":
      return "the TLS greeting in its tunnel is malformed";
    case "hello":
      if (greeting.serverName === null) return "the TLS greeting in its tunnel names no host";
      return greeting.serverName === host
        ? null
        : "the TLS greeting in its tunnel names another host";
  }
}

/** Carries both directions until both have ended, or until one side breaks. */
function join(client: Socket, server: Socket): void {
  for (const [from, to] of [
    [client, server],
    [server, client],
  ] as const) {
    from.pipe(to);
    // What was ended in order may still have bytes on their way; anything else is a break.
    from.once("close", () => void (to.writableEnded ? to.destroySoon() : to.destroy()));
  }
}
