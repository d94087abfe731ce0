import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with one request. */
export type Fault =
  | {
      readonly type: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: unknown;
    }
  | { readonly type: "html" }
  | { readonly type: "reset" }
  /** The answer ends in its middle. */
  | { readonly type: "cut" }
  /** Nothing is answered until the proxy closes. */
  | { readonly type: "silence" }
  /** GitHub does it, and then this goes wrong. */
  | { readonly type: "after"; readonly fault: Fault };

/** A request as the proxy saw it. */
export interface Seen {
  /** Counted from 1. */
  readonly index: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly token: string;
  /** What was answered, 0 for nothing. */
  status: number;
}

/** Stands before the emulator: makes faults, and what GitHub has and the emulator lacks. */
export interface Proxy {
  readonly url: string;
  readonly seen: Seen[];
  /** The fault for a request; null for none. */
  fault: (request: Omit<Seen, "status">) => Fault | null;
  /** What the emulator calls a commit, and what it is called outside. */
  readonly commits: Map<string, string>;
  /** Rules that GitHub would show for every branch; null: no rules at all, 404. */
  rules: readonly unknown[] | null;
  readonly statuses: unknown[];
  /** Old name to new name of a repository, with its owner. */
  readonly moved: Map<string, string>;
  readonly close: () => Promise<void>;
}

/**
 * Opens a proxy before an emulator. Only `known` tokens are let in, which the emulator would not mind;
 * those that are made are known.
 */
export async function openProxy(target: string, known: Set<string>): Promise<Proxy> {
  const open: Omit<Proxy, "url" | "close"> = {
    seen: [],
    fault: () => null,
    commits: new Map(),
    rules: null,
    statuses: [],
    moved: new Map(),
  };
  const server = createServer((request, response) => {
    void pass(proxy, { target, known }, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const proxy: Proxy = Object.assign(open, {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
  return proxy;
}

interface Passed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What stands behind a proxy, and who may come to it. */
interface Behind {
  readonly target: string;
  readonly known: Set<string>;
}

async function pass(
  proxy: Proxy,
  behind: Behind,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const seen: Seen = {
    index: proxy.seen.length + 1,
    method: request.method ?? "",
    path: request.url ?? "",
    token: (request.headers.authorization ?? "").replace(/^\S+ /u, ""),
    status: 0,
  };
  proxy.seen.push(seen);
  const fault = proxy.fault(seen);
  const isAfter = fault === null || fault.type === "after" || fault.type === "cut";
  const passed = isAfter ? await forward(proxy, behind, request, Buffer.concat(parts)) : null;
  const wrong = fault?.type === "after" ? fault.fault : fault;
  if (wrong === null && passed !== null) {
    seen.status = passed.status;
    response.writeHead(passed.status, { ...passed.headers }).end(passed.body);
  } else if (wrong !== null) {
    seen.status = wrong.type === "answer" ? wrong.status : 0;
    fail(wrong, passed, response);
  }
}

function fail(fault: Fault, passed: Passed | null, response: ServerResponse): void {
  switch (fault.type) {
    case "answer":
      response
        .writeHead(fault.status, { "content-type": "application/json", ...fault.headers })
        .end(JSON.stringify(fault.body));
      return;
    case "html":
      response.writeHead(200, { "content-type": "text/html" }).end("<html>Please log in</html>");
      return;
    case "cut": {
      const body = passed?.body ?? "{}";
      response.writeHead(passed?.status ?? 200, {
        "content-type": "application/json",
        "content-length": body.length,
      });
      response.write(body.slice(0, body.length / 2), () => response.destroy());
      return;
    }
    case "reset":
      response.destroy();
      return;
    case "silence":
    case "after":
  }
}

const BAD_TOKEN: Passed = {
  status: 401,
  headers: { "content-type": "application/json" },
  body: '{"message":"Bad credentials"}',
};

async function forward(
  proxy: Proxy,
  { target, known }: Behind,
  request: IncomingMessage,
  body: Buffer,
): Promise<Passed> {
  const path = request.url ?? "";
  const token = (request.headers.authorization ?? "").replace(/^\S+ /u, "");
  if (!token.startsWith("eyJ") && !known.has(token)) return BAD_TOKEN;
  const own = answerOf(proxy, request.method ?? "", path);
  if (own !== null) return withTag(request, own);
  const inside = (text: string): string => swap(text, proxy.commits, false);
  const { authorization, "content-type": type = "application/json" } = request.headers;
  const answer = await fetch(`${target}${inside(path)}`, {
    method: request.method ?? "GET",
    redirect: "manual",
    headers: { ...(authorization === undefined ? {} : { authorization }), "content-type": type },
    ...(body.length === 0 ? {} : { body: inside(body.toString()) }),
  });
  const headers: Record<string, string> = { date: new Date().toUTCString() };
  const answered = answer.headers.get("content-type");
  if (answered !== null) headers["content-type"] = answered;
  const text = swap(await answer.text(), proxy.commits, true);
  if (path.endsWith("/access_tokens") && answer.ok) known.add(JSON.parse(text).token);
  return withTag(request, { status: answer.status, headers, body: text });
}

/** What GitHub has and the emulator lacks: rules, statuses, and repositories that moved. */
function answerOf(proxy: Proxy, method: string, path: string): Passed | null {
  const json = (body: unknown, status = 200): Passed => ({
    status,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  for (const [from, to] of proxy.moved) {
    if (path === `/repos/${from}` || path.startsWith(`/repos/${from}/`)) {
      const location = path.replace(`/repos/${from}`, `/repos/${to}`);
      const moved = json(
        { message: "Moved Permanently", url: location },
        method === "GET" ? 301 : 307,
      );
      return { ...moved, headers: { ...moved.headers, location } };
    }
  }
  if (/\/rules\/branches\//u.test(path) && proxy.rules !== null) return json(proxy.rules);
  if (/\/commits\/[^/]+\/status\?/u.test(path)) return json({ statuses: proxy.statuses });
  return null;
}

function withTag(request: IncomingMessage, passed: Passed): Passed {
  if (request.method !== "GET" || passed.status !== 200) return passed;
  const etag = `W/"${createHash("sha256").update(passed.body).digest("hex")}"`;
  const headers = { ...passed.headers, etag };
  if (request.headers["if-none-match"] !== etag) return { ...passed, headers };
  return { status: 304, headers: { etag }, body: "" };
}

function swap(text: string, commits: ReadonlyMap<string, string>, outwards: boolean): string {
  let swapped = text;
  for (const [inside, outside] of commits) {
    swapped = swapped.replaceAll(outwards ? inside : outside, outwards ? outside : inside);
  }
  return swapped;
}
