import { chmod } from "node:fs/promises";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { closeWith } from "./closing.ts";
import type { EgressContext } from "./context.ts";
import { denialReporter } from "./denials.ts";
import { serveForward } from "./forward.ts";
import { EGRESS_LIMITS, type EgressLimits, MAX_HEADER_BYTES } from "./limits.ts";
import { openSockets } from "./open-sockets.ts";
import type { Egress, EgressOptions } from "./options.ts";
import { serveTunnel } from "./tunnel.ts";

const SOCKET_MODE = 0o600;

/**
 * Opens the egress of one sandbox: an HTTP proxy for CONNECT and absolute-form requests to what the
 * rules allow. Throws only when the target of a virtual host is no http or https address.
 */
export function openEgress(options: EgressOptions, limits: Partial<EgressLimits> = {}): Egress {
  for (const each of options.rules.virtual) if ("target" in each) checkTarget(each.target);
  const sockets = openSockets();
  const context: EgressContext = {
    options,
    limits: { ...EGRESS_LIMITS, ...limits },
    deny: denialReporter(options.onDenied),
    track: sockets.track,
  };
  const serve = server(context);
  const listeners = new Set<Server>();
  return {
    serve,
    listen: async (path) => {
      if (sockets.closing()) throw new Error("This egress is closed.");
      const listener = createServer({ allowHalfOpen: true }, serve);
      listeners.add(listener);
      await once(listener.listen(path), "listening");
      listener.on("error", () => {});
      await chmod(path, SOCKET_MODE);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = [...listeners].map(async (listener) => await closeListener(listener));
      await Promise.all([...closed, sockets.closeAll()]);
    },
  };
}

function checkTarget(target: string): void {
  const { protocol } = new URL(target);
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TypeError(`The target ${target} of a virtual host is neither http nor https.`);
  }
}

/**
 * Serves one request per connection: nothing that follows a request can be taken for another. Only
 * what is served here and has no body may be followed by another, since its end is beyond doubt.
 */
function server(context: EgressContext): Egress["serve"] {
  const { limits, track } = context;
  const waiting = new Map<Socket, NodeJS.Timeout>();
  const open = new Set<Socket>();
  const isFirst = (socket: Socket): boolean => {
    const timer = waiting.get(socket);
    if (timer === undefined) socket.destroy();
    clearTimeout(timer);
    return waiting.delete(socket);
  };
  const expectRequest = (socket: Socket): void => {
    const late = (): void => {
      waiting.delete(socket);
      closeWith(socket, 408, "No request came in time.\n", limits.lingerMs);
    };
    waiting.set(socket, setTimeout(late, limits.headersTimeoutMs));
  };
  const mayFollow = (socket: Socket): void => {
    waiting.set(
      socket,
      setTimeout(() => socket.destroy(), FOLLOWING_MS),
    );
  };
  const http = httpServer(context, { expectRequest, mayFollow, isFirst });
  return (socket) => {
    track(socket);
    if (socket.destroyed) return;
    if (open.size >= limits.maxConnections) {
      closeWith(socket, 503, "Too many connections are open.\n", 0);
      return;
    }
    open.add(socket);
    expectRequest(socket);
    socket.once("close", () => {
      clearTimeout(waiting.get(socket));
      waiting.delete(socket);
      open.delete(socket);
    });
    socket.allowHalfOpen = true;
    // Later than the other side's own limit, so that a client hears of that one first.
    socket.setTimeout(limits.idleTimeoutMs + limits.lingerMs, () => socket.destroy());
    http.emit("connection", socket);
  };
}

/** How long a connection may rest between two requests. */
const FOLLOWING_MS = 4000;

/** Which connections still owe their one request. */
interface Owing {
  readonly expectRequest: (socket: Socket) => void;
  /** One more may come, and need not. */
  readonly mayFollow: (socket: Socket) => void;
  /** False for the second request on a connection, which is broken off. */
  readonly isFirst: (socket: Socket) => boolean;
}

function httpServer(
  context: EgressContext,
  { expectRequest, mayFollow, isFirst }: Owing,
): HttpServer {
  /** Tunnels to names that exist only inside: in them requests have no host in their target. */
  const tunnels = new WeakMap<Socket, string>();
  const http = createHttpServer({ maxHeaderSize: MAX_HEADER_BYTES, insecureHTTPParser: false });
  http.on("request", (request, response) => {
    if (!isFirst(request.socket)) return;
    const isToLast = response.shouldKeepAlive;
    response.shouldKeepAlive = false;
    const host = tunnels.get(request.socket);
    if (host !== undefined) request.url = `http://${host}${request.url}`;
    const goOn = (): void => {
      if (!isToLast) return;
      response.shouldKeepAlive = true;
      response.once("finish", () => mayFollow(request.socket));
    };
    serveForward(context, { request, response }, goOn).catch(() => request.socket.destroy());
  });
  http.on("connect", (request, stream, head) => {
    const socket = stream as Socket;
    if (!isFirst(socket)) return;
    // A tunnel in a tunnel leads nowhere.
    const authority = tunnels.has(socket) ? "" : (request.url ?? "");
    serveTunnel(context, authority, socket, head, (host) => {
      tunnels.set(socket, host);
      expectRequest(socket);
      http.emit("connection", socket);
    }).catch(() => socket.destroy());
  });
  http.on("clientError", (_error, stream) => {
    const socket = stream as Socket;
    if (!isFirst(socket)) return;
    closeWith(socket, 400, "This is no request that a proxy serves.\n", context.limits.lingerMs);
  });
  return http;
}

async function closeListener(listener: Server): Promise<void> {
  if (!listener.listening) return;
  const closed = once(listener, "close");
  listener.close();
  await closed;
}
