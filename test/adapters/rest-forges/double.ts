import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An answer of a double. */
export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as a double gets it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  // What we sent is looked at without a shape.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** A small server with the answers of a forge. */
export interface Double {
  readonly url: string;
  readonly calls: Call[];
  /** How the next requests that write are spoilt, after they were done. */
  spoil: number;
  readonly close: () => Promise<void>;
}

/** The token that is accepted. */
export const TOKEN = "glpat-goodgoodgoodgood";

/** Serves answers; null stands for 404. */
export async function openDouble(answer: (call: Call) => Reply | null): Promise<Double> {
  const server = createServer((request, response) => {
    void serve(double, answer, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const double: Double = {
    url: `http://127.0.0.1:${port}`,
    calls: [],
    spoil: 0,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return double;
}

const MISSING: Reply = { status: 404, body: { message: "404 Not Found" } };

async function serve(
  double: Double,
  answer: (call: Call) => Reply | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname: path, searchParams: query } = new URL(request.url ?? "", "http://x.invalid");
  const text = await bodyOf(request);
  const body = text === "" ? null : JSON.parse(text);
  const call = { method: request.method ?? "", path, query, body };
  double.calls.push(call);
  const isIn = (request.headers.authorization ?? "").endsWith(` ${TOKEN}`);
  const reply = isIn ? (answer(call) ?? MISSING) : { status: 401, body: { message: "401" } };
  if (call.method !== "GET" && double.spoil > 0) {
    double.spoil -= 1;
    response.destroy();
    return;
  }
  response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
  response.end(reply.body === undefined ? "" : JSON.stringify(reply.body));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** A pull request as a double keeps it. */
export interface Kept {
  readonly number: number;
  readonly head: string;
  readonly base: string;
  title: string;
  body: string;
  state: "open" | "merged" | "closed";
}

/** A remark as a double keeps it. */
export interface Said {
  readonly id: number;
  readonly pull: number;
  readonly author: string;
  readonly body: string;
}

/** What a double remembers. */
export interface Memory {
  readonly branches: Map<string, string>;
  readonly protectedBranches: string[];
  readonly pulls: Kept[];
  readonly said: Said[];
  readonly failed: string[];
}

/** A repository with one branch. */
export function newMemory(): Memory {
  return {
    branches: new Map([["main", newCommit()]]),
    protectedBranches: [],
    pulls: [],
    said: [],
    failed: [],
  };
}

/** A commit that was never there. */
export function newCommit(): string {
  return randomBytes(20).toString("hex");
}

/** Some time, the same every time. */
export function timeOf(id: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, id)).toISOString();
}
