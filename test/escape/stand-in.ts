import { openSync, unlinkSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createSocket } from "node:dgram";
import { type AddressInfo, createServer, type Server } from "node:net";

/** What the stand-in tells when all of it listens. */
export interface StandInPorts {
  readonly api: number;
  readonly allowed: number;
  readonly tunnel: number;
  readonly forbidden: number;
  readonly udp: number;
  readonly model: number;
}

/** How often each of its doors was knocked on, and each signal came. */
export type Contacts = Readonly<Record<string, number>>;

// A daemon as it stands beside its tasks: a secret in its environment, its database open, an API on
// the loopback, sockets with and without a path. It counts who comes, and answers over IPC.
const contacts: Record<string, number> = {};
const came = (door: string): void => void (contacts[door] = (contacts[door] ?? 0) + 1);
const [database = "", sockets = "", abstract = ""] = process.argv.slice(2);

openSync(database, "r+");
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCONT"] as const) {
  process.on(signal, () => came(signal));
}

const web = (door: string, host: string): Promise<number> => {
  const server = createHttpServer((request, response) => {
    came(door);
    response.end(`${door} ${request.method} ${JSON.stringify(request.headers["host"])}\n`);
  });
  server.on("clientError", (_error, socket) => {
    came(door);
    socket.destroy();
  });
  return portOf(server, host);
};

const ports: StandInPorts = {
  api: await web("api", "127.0.0.1"),
  allowed: await web("allowed", "127.0.0.1"),
  tunnel: await portOf(counting("tunnel"), "127.0.0.1"),
  forbidden: await web("forbidden", "0.0.0.0"),
  model: await model(),
  udp: await udp(),
};
for (const name of ["control", "agent", "bus", "display"]) {
  const path = `${sockets}/${name}.sock`;
  await new Promise<void>((resolve) => counting(name).listen(path, resolve));
  process.on("exit", () => unlinkSync(path));
}
for (const name of ["abstract", "display"]) {
  await new Promise<void>((resolve) => counting(name).listen(`\0${abstract}-${name}`, resolve));
}
process.on("message", () => process.send?.(contacts));
process.on("disconnect", () => process.exit());
process.send?.(ports);

function counting(door: string): Server {
  return createServer((socket) => {
    came(door);
    socket.on("error", () => {});
    socket.end(`${door} answers\n`);
  });
}

async function model(): Promise<number> {
  const server = createHttpServer((request, response) => {
    came(request.url === "/v1/messages" ? "model" : "model elsewhere");
    // As a server does that tells back what it was asked.
    const told = request.method === "TRACE" ? request.rawHeaders.join("\n") : "an answer";
    response.end(`${told}\n`);
  });
  return await portOf(server, "127.0.0.1");
}

async function udp(): Promise<number> {
  const socket = createSocket("udp4");
  socket.on("message", () => came("udp"));
  await new Promise<void>((resolve) => socket.bind(0, "0.0.0.0", resolve));
  return socket.address().port;
}

async function portOf(server: Server, host: string): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}
