import { type ClientRequest, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { urlToHttpOptions } from "node:url";
import { answer } from "./closing.ts";
import type { EgressContext } from "./context.ts";
import { onwardHeaders } from "./headers.ts";
import type { VirtualHost } from "../../../ports/launcher.ts";
import type { Exchange } from "./relay.ts";

/** Where one of these is set, none of them may come from inside: a service might take the wrong one. */
const CREDENTIALS: readonly string[] = ["authorization", "x-api-key"];

/** A `.` or `..` between separators, in plain or in percent encoding. */
const DOT_SEGMENT = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?=[/\\;]|%2f|%5c|$)/iu;

/** True when the path, without its query, is one of the paths of the virtual host or below one. */
export function isOffered({ paths }: VirtualHost, path: string): boolean {
  const [plain = ""] = path.split("?", 1);
  return paths?.some((offered) => plain === offered || plain.startsWith(`${offered}/`)) ?? true;
}

/** True when a part of the path, without its query, may lead upwards in what it is put behind. */
export function leadsUp(path: string): boolean {
  return DOT_SEGMENT.test(path.split("?", 1)[0] ?? "");
}

/**
 * The request to the target of a virtual host, with its headers set; null when it was answered,
 * because the headers could not be had in time.
 */
export async function virtualRequest(
  { limits }: EgressContext,
  { request, response }: Exchange,
  virtual: VirtualHost,
  path: string,
): Promise<ClientRequest | null> {
  const headers = await headersOf(virtual, limits.connectTimeoutMs);
  if (response.destroyed) return null;
  if (headers === null) {
    answer(response, 502, `The credential for ${virtual.host} could not be had.\n`);
    return null;
  }
  const base = new URL(virtual.target);
  const send = base.protocol === "https:" ? httpsRequest : httpRequest;
  return send({
    ...urlToHttpOptions(base),
    // No pool: a connection kept for later may be closed by the time it is used.
    agent: false,
    method: request.method,
    path: base.pathname.replace(/\/+$/u, "") + path,
    headers: { ...onwardHeaders(request, base.host, replacedBy(headers)), ...headers },
  });
}

async function headersOf(
  virtual: VirtualHost,
  timeoutMs: number,
): Promise<Readonly<Record<string, string>> | null> {
  const over = Promise.withResolvers<null>();
  const timer = setTimeout(() => over.resolve(null), timeoutMs);
  try {
    return await Promise.race([virtual.headers(), over.promise]);
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

function replacedBy(headers: Readonly<Record<string, string>>): readonly string[] {
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  return CREDENTIALS.some((name) => names.includes(name)) ? [...names, ...CREDENTIALS] : names;
}
