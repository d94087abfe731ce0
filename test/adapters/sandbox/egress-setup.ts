import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
} from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { openEgress } from "../../../src/adapters/sandbox/egress/egress.ts";
import type { EgressLimits } from "../../../src/adapters/sandbox/egress/limits.ts";
import type { Egress, Resolve } from "../../../src/adapters/sandbox/egress/options.ts";
import type { Denial, HostRule, ServedHost, VirtualHost } from "../../../src/ports/launcher.ts";
import { temporaryFolder } from "../support.ts";

/** The one exact name on the list; below `wild.example.org` every name is on it. */
export const ALLOWED = "allowed.example.org";

/** An egress on a unix socket, with one TLS and one plain server on loopback that its list allows. */
export interface Stage extends AsyncDisposable {
  readonly egress: Egress;
  readonly path: string;
  readonly tlsPort: number;
  readonly httpPort: number;
  readonly ca: string;
  readonly denials: readonly Denial[];
  /** The names that were resolved, oldest first. */
  readonly resolved: readonly string[];
  /** What reached either server, oldest first. */
  readonly requests: readonly IncomingMessage[];
  /** How many connections reached either server. */
  readonly connections: () => number;
}

export interface StageOptions {
  readonly serve?: RequestListener;
  readonly resolve?: Resolve;
  readonly privateAllowed?: readonly string[];
  readonly virtual?: readonly (VirtualHost | ServedHost)[];
  /** Allowed besides the stage's own servers. */
  readonly rules?: readonly HostRule[];
  readonly limits?: Partial<EgressLimits>;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const folder = await temporaryFolder();
  const certificate = makeCertificate(folder.path);
  const requests: IncomingMessage[] = [];
  const serve: RequestListener = (request, response) => {
    requests.push(request);
    if (options.serve === undefined) response.end(`hello from ${request.headers.host}`);
    else options.serve(request, response);
  };
  const servers = [createHttpsServer(certificate, serve), createHttpServer(serve)] as const;
  let connections = 0;
  for (const server of servers) {
    server.on("connection", () => void (connections += 1));
    await once(server.listen(0, "127.0.0.1"), "listening");
  }
  const [tlsPort, httpPort] = [portOf(servers[0]), portOf(servers[1])];
  const denials: Denial[] = [];
  const resolved: string[] = [];
  const names = [ALLOWED, "*.wild.example.org"];
  const egress = openEgress(
    {
      rules: {
        allow: [
          ...[tlsPort, httpPort].flatMap((port) => names.map((host) => ({ host, port }))),
          ...(options.rules ?? []),
        ],
        virtual: options.virtual ?? [],
      },
      onDenied: (denial) => void denials.push(denial),
      privateAllowed: options.privateAllowed ?? ["127.0.0.1"],
      resolve: async (host) => {
        resolved.push(host);
        return (await options.resolve?.(host)) ?? ["127.0.0.1"];
      },
    },
    options.limits,
  );
  const path = join(folder.path, "egress.sock");
  await egress.listen(path);
  return {
    egress,
    path,
    tlsPort,
    httpPort,
    denials,
    resolved,
    requests,
    ca: certificate.cert.toString(),
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      await egress[Symbol.asyncDispose]();
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
      await folder[Symbol.asyncDispose]();
    },
  };
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A connection out of the sandbox. */
export async function dialStage({ path }: Pick<Stage, "path">): Promise<Socket> {
  const socket = connect({ path, allowHalfOpen: true });
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Everything a socket gives until it is closed. */
export async function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => void (text += chunk.toString("latin1")));
  socket.resume();
  if (!socket.readableEnded && !socket.closed)
    await Promise.race([once(socket, "end"), once(socket, "close")]);
  socket.destroy();
  return text;
}

/** Sends these exact characters (latin1) and reads the whole answer. */
export async function say(stage: Pick<Stage, "path">, text: string): Promise<string> {
  const socket = await dialStage(stage);
  socket.write(text, "latin1");
  return await readAll(socket);
}

/** A GET in absolute form, and the whole answer. */
export async function get(
  stage: Pick<Stage, "path">,
  url: string,
  ...headers: readonly string[]
): Promise<string> {
  const lines = [
    `GET ${url} HTTP/1.1`,
    "Host: whatever.example.org",
    "Connection: close",
    ...headers,
  ];
  return await say(stage, `${lines.join("\r\n")}\r\n\r\n`);
}

/** Asks for a tunnel and gives the socket once it is open; throws the whole answer when it is not. */
export async function openTunnel(stage: Pick<Stage, "path">, authority: string): Promise<Socket> {
  const socket = await dialStage(stage);
  socket.write(`CONNECT ${authority} HTTP/1.1\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  socket.pause();
  if (head.toString() === "HTTP/1.1 200 Connection established\r\n\r\n") return socket;
  throw new Error(head.toString() + (await readAll(socket)));
}

/** TLS over a stream, with the stage's certificate trusted. */
export async function secure(
  { ca }: Stage,
  socket: Duplex,
  servername: string,
): Promise<TLSSocket> {
  const tls = connectTls({ socket, servername, ca });
  await once(tls, "secureConnect");
  return tls;
}

/** The first bytes that a real TLS client of this name sends. */
export async function realHello(servername: string): Promise<Buffer> {
  const first = Promise.withResolvers<Buffer>();
  const socket = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      first.resolve(chunk);
      done();
    },
  });
  const tls = connectTls({ socket, ...(servername === "" ? {} : { servername }) });
  tls.on("error", () => {});
  const hello = await first.promise;
  tls.destroy();
  return hello;
}

/** A key, and a certificate for the names of these tests and 127.0.0.1. */
export function makeCertificate(folder: string): { readonly key: Buffer; readonly cert: Buffer } {
  const at = (name: string): string => join(folder, name);
  const names = `subjectAltName=DNS:${ALLOWED},DNS:*.wild.example.org,DNS:other.example.org,IP:127.0.0.1`;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const asked = ["req", "-x509", ...key, "-days", "2", "-subj", "/CN=test", "-addext", names];
  const files = ["-keyout", at("key.pem"), "-out", at("cert.pem")];
  execFileSync("openssl", [...asked, ...files], { stdio: "ignore" });
  return { key: readFileSync(at("key.pem")), cert: readFileSync(at("cert.pem")) };
}
