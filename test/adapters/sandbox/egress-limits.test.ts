import { once } from "node:events";
import { stat } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { MAX_DENIALS_REPORTED } from "../../../src/adapters/sandbox/egress/denials.ts";
import { openEgress } from "../../../src/adapters/sandbox/egress/egress.ts";
import { hasOpenssl, temporaryFolder } from "../support.ts";
import {
  ALLOWED,
  dialStage,
  get,
  openStage,
  openTunnel,
  portOf,
  readAll,
  realHello,
  say,
} from "./egress-setup.ts";

const SOON_MS = 50;

it.skipIf(!hasOpenssl)("a client that says nothing is told so and closed", async () => {
  await using stage = await openStage({ limits: { headersTimeoutMs: SOON_MS } });
  expect(await readAll(await dialStage(stage))).toMatch(/^HTTP\/1\.1 408 /u);
  expect(await say(stage, "GET http://")).toMatch(/^HTTP\/1\.1 408 /u);
});

it.skipIf(!hasOpenssl)("a tunnel through which nothing comes is closed and reported", async () => {
  await using stage = await openStage({
    limits: { greetingTimeoutMs: SOON_MS, lingerMs: SOON_MS },
  });
  const socket = await openTunnel(stage, `${ALLOWED}:${stage.tlsPort}`);
  await readAll(socket);
  expect(stage.denials).toMatchObject([
    { reason: expect.stringContaining("no whole TLS greeting") },
  ]);
  expect(stage.connections()).toBe(0);
});

it.skipIf(!hasOpenssl)(
  "a server that says nothing ends the request with 504, and a tunnel with its end",
  async () => {
    const silent = createServer();
    await once(silent.listen(0, "127.0.0.1"), "listening");
    await using stage = await openStage({
      rules: [{ host: ALLOWED, port: portOf(silent) }],
      limits: { idleTimeoutMs: SOON_MS, lingerMs: SOON_MS },
    });
    const answer = await get(stage, `http://${ALLOWED}:${portOf(silent)}/`);
    expect(answer).toMatch(/^HTTP\/1\.1 504 /u);
    expect(answer).toContain(`${ALLOWED} did not answer in time.`);
    const socket = await openTunnel(stage, `${ALLOWED}:${portOf(silent)}`);
    socket.write(await realHello(ALLOWED));
    expect(await readAll(socket)).toBe("");
    silent.close();
  },
);

it.skipIf(!hasOpenssl)("a name that is never resolved is given up", async () => {
  await using stage = await openStage({
    resolve: async () => await new Promise<never>(() => {}),
    limits: { resolveTimeoutMs: SOON_MS },
  });
  expect(await get(stage, `http://${ALLOWED}:${stage.httpPort}/`)).toMatch(/^HTTP\/1\.1 502 /u);
});

it.skipIf(!hasOpenssl)(
  "a connection that cannot be made ends the tunnel with an alert",
  async () => {
    const closed = createServer();
    await once(closed.listen(0, "127.0.0.1"), "listening");
    const port = portOf(closed);
    closed.close();
    await using stage = await openStage({ rules: [{ host: ALLOWED, port }] });
    const socket = await openTunnel(stage, `${ALLOWED}:${port}`);
    socket.write(await realHello(ALLOWED));
    expect(await readAll(socket)).toBe("\x15\x03\x03\x00\x02\x02\x50");
    expect(stage.denials).toEqual([]);
  },
);

it.skipIf(!hasOpenssl)(
  "one address that does not answer does not stand in the way of the next",
  async () => {
    await using stage = await openStage({
      privateAllowed: ["127.0.0.1", "::1"],
      resolve: async () => await Promise.resolve(["::1", "127.0.0.1"]),
    });
    expect(await get(stage, `http://${ALLOWED}:${stage.httpPort}/`)).toContain("200 OK");
  },
);

it.skipIf(!hasOpenssl)("too many connections are turned away until one ends", async () => {
  await using stage = await openStage({ limits: { maxConnections: 1 } });
  const first = await dialStage(stage);
  expect(await readAll(await dialStage(stage))).toMatch(/^HTTP\/1\.1 503 /u);
  first.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(await readAll(first)).toMatch(/^HTTP\/1\.1 400 /u);
  let answer = "HTTP/1.1 503";
  while (answer.startsWith("HTTP/1.1 503")) {
    answer = await get(stage, `http://${ALLOWED}:${stage.httpPort}/`);
  }
  expect(answer).toContain("200 OK");
});

it.skipIf(!hasOpenssl)(
  "a flood of made-up names is refused to the end but not reported to the end",
  async () => {
    await using stage = await openStage();
    for (let count = 0; count < MAX_DENIALS_REPORTED + 10; count += 1) {
      expect(await get(stage, `http://${count}.evil.example/`)).toContain("403 Forbidden");
    }
    expect(stage.denials).toHaveLength(MAX_DENIALS_REPORTED);
  },
);

it.skipIf(!hasOpenssl)("a refusal holds although whoever hears of it throws", async () => {
  await using folder = await temporaryFolder();
  await using egress = openEgress({
    rules: { allow: [], virtual: [] },
    onDenied: () => {
      throw new Error("deaf");
    },
  });
  const path = join(folder.path, "egress.sock");
  await egress.listen(path);
  expect(await get({ path }, "http://evil.example/")).toContain("403 Forbidden");
});

it.skipIf(!hasOpenssl)("asks the system for addresses where nobody else is named", async () => {
  await using folder = await temporaryFolder();
  await using egress = openEgress({
    rules: { allow: [{ host: "localhost", port: 80 }], virtual: [] },
    onDenied: () => {},
  });
  const path = join(folder.path, "egress.sock");
  await egress.listen(path);
  expect(await get({ path }, "http://localhost/")).toContain(
    "Refused localhost:80, because its name",
  );
});

it.skipIf(!hasOpenssl)(
  "the socket is ours alone, and a place that is taken is said to be so",
  async () => {
    await using stage = await openStage();
    expect((await stat(stage.path)).mode & 0o777).toBe(0o600);
    await expect(stage.egress.listen(stage.path)).rejects.toThrow("EADDRINUSE");
  },
);

it.skipIf(!hasOpenssl)("serves connections of a listener that is not its own", async () => {
  await using stage = await openStage();
  const listener = createServer((socket) => stage.egress.serve(socket));
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const socket = connect(portOf(listener), "127.0.0.1");
  socket.write("GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n");
  expect(await readAll(socket)).toContain("403 Forbidden");
  listener.close();
});

it.skipIf(!hasOpenssl)(
  "its disposal closes every connection at every stage, and takes no more",
  async () => {
    await using stage = await openStage({ serve: () => {} });
    const silent = await dialStage(stage);
    const waiting = await openTunnel(stage, `${ALLOWED}:${stage.tlsPort}`);
    const joined = await openTunnel(stage, `${ALLOWED}:${stage.tlsPort}`);
    joined.write(await realHello(ALLOWED));
    await once(joined.resume(), "data");
    const asking = await dialStage(stage);
    asking.write(`GET http://${ALLOWED}:${stage.httpPort}/ HTTP/1.1\r\nHost: a\r\n\r\n`);
    while (stage.requests.length === 0) await turn();
    const server = stage.requests[0]?.socket as Socket;
    const all = [silent, waiting, joined, asking].map(async (socket) => await readAll(socket));
    const gone = once(server, "close");
    await stage.egress[Symbol.asyncDispose]();
    await Promise.all([...all, gone]);
    await expect(stat(stage.path)).rejects.toThrow("ENOENT");
    await expect(stage.egress.listen(stage.path)).rejects.toThrow("closed");
    await stage.egress[Symbol.asyncDispose]();
  },
);

it.skipIf(!hasOpenssl)(
  "bytes flow through a tunnel in both directions until each has ended",
  async () => {
    const size = 4 * 1024 * 1024;
    // Answers only once the client has ended, and sends more than any buffer holds.
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let count = 0;
      socket.on("data", (chunk) => void (count += chunk.length));
      socket.on("end", () => void socket.end(Buffer.alloc(size, `${count} `)));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    await using stage = await openStage({ rules: [{ host: ALLOWED, port: portOf(server) }] });
    const socket = await openTunnel(stage, `${ALLOWED}:${portOf(server)}`);
    const hello = await realHello(ALLOWED);
    socket.write(hello);
    socket.end(Buffer.alloc(size));
    const text = await readAll(socket);
    expect(text).toHaveLength(size);
    expect(text.startsWith(`${hello.length + size} `)).toBe(true);
    server.close();
  },
);

it.skipIf(!hasOpenssl)(
  "what the other side sent before it closed arrives, however late it is read",
  async () => {
    let size = 0;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.resume().on("end", () => void socket.end(Buffer.alloc(size)));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    await using stage = await openStage({ rules: [{ host: ALLOWED, port: portOf(server) }] });
    // One of these is a little more than the kernel keeps for a reader, so that the rest waits in the proxy.
    for (size = 100_000; size < 500_000; size += 30_000) {
      const accepted = once(server, "connection");
      const socket = await openTunnel(stage, `${ALLOWED}:${portOf(server)}`);
      socket.end(await realHello(ALLOWED));
      await once((await accepted)[0] as Socket, "close");
      for (let turns = 0; turns < 100; turns += 1) await turn();
      expect(await readAll(socket)).toHaveLength(size);
    }
    server.close();
  },
);
