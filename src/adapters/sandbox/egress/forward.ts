import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { admit, type Route } from "./admission.ts";
import { answer } from "./closing.ts";
import type { EgressContext } from "./context.ts";
import { denialOf, denialText } from "./denials.ts";
import { dial } from "./dial.ts";
import { isOddlyCoded, onwardHeaders } from "./headers.ts";
import type { Denial, ServedHost, VirtualHost } from "../../../ports/launcher.ts";
import { type Exchange, relay } from "./relay.ts";
import { isOffered, leadsUp, virtualRequest } from "./virtual.ts";

const HTTP_PORT = 80;
/** All that may be asked of a host that is served here. */
const READING: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** What is asked of a host, taken from an absolute request target. */
interface Target {
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

/**
 * Serves one request that is not CONNECT: carries it on, or answers why not. Calls `goOn` before it
 * answers when another request may follow on the connection.
 */
export async function serveForward(
  context: EgressContext,
  exchange: Exchange,
  goOn: () => void,
): Promise<void> {
  const { request, response } = exchange;
  const target = readTarget(request.url ?? "");
  // TRACE would tell a virtual host's credential back to the one who must not know it.
  if (target === null || request.method === "TRACE" || isOddlyCoded(request)) {
    return answer(response, 400, "Only CONNECT and absolute http:// requests are served here.\n");
  }
  const refuse = (denial: Denial): void => {
    context.deny(denial);
    answer(response, 403, denialText(denial));
  };
  const admission = await admit(context, target.authority, HTTP_PORT);
  if (response.destroyed) return;
  if (admission.type === "refused") return refuse(admission.denial);
  if (admission.type === "unresolved") {
    return answer(response, 502, `${admission.host} could not be resolved.\n`);
  }
  const to =
    admission.type === "direct" ? admission.route : { ...admission.virtual, port: HTTP_PORT };
  const refuseFor = (reason: string): void => refuse(denialOf(to.host, to.port, reason));
  // A host that is served here is free to go on as before, which is what cargo asks for.
  const isServed = admission.type === "virtual" && "serve" in admission.virtual;
  if (request.headers.upgrade !== undefined && !isServed) {
    return refuseFor("another protocol was asked for with Upgrade");
  }
  if (admission.type === "direct") {
    const upstream = directRequest(exchange, admission.route, target.path);
    return relay(context, exchange, upstream, to.host);
  }
  if (isServed && !hasBody(request)) goOn();
  const reason = await serveVirtual(context, exchange, admission.virtual, target.path);
  if (reason !== null) refuseFor(reason);
}

/** Answers for a name that exists only inside; or the reason why not. */
async function serveVirtual(
  context: EgressContext,
  exchange: Exchange,
  virtual: VirtualHost | ServedHost,
  path: string,
): Promise<string | null> {
  const { request, response } = exchange;
  if ("serve" in virtual && !READING.has(request.method ?? "")) return "it is only read from";
  if ("target" in virtual && !isOffered(virtual, path)) return "this path of it is not offered";
  if (leadsUp(path)) {
    answer(response, 400, "A path with . or .. in it is not served here.\n");
    return null;
  }
  if ("serve" in virtual) return await virtual.serve(request, response, path);
  const upstream = await virtualRequest(context, exchange, virtual, path);
  if (upstream !== null) relay(context, exchange, upstream, virtual.host);
  return null;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

/** Takes the target apart without repairing it; null when it is not `http://host[:port][/path][?query]`. */
function readTarget(url: string): Target | null {
  const found = /^http:\/\/(?<authority>[^/?#]+)(?<path>[/?][\x21\x22\x24-\x7e]*)?$/iu.exec(url);
  const { authority, path = "/" } = found?.groups ?? {};
  if (authority === undefined) return null;
  return { authority, path: path.startsWith("/") ? path : `/${path}` };
}

function directRequest({ request }: Exchange, route: Route, path: string): ClientRequest {
  const { host, port } = route;
  const authority = port === HTTP_PORT ? host : `${host}:${port}`;
  return httpRequest({
    createConnection: () => dial(route),
    method: request.method,
    path,
    headers: onwardHeaders(request, authority),
  });
}
