import * as fc from "fast-check";
import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { readClientHello } from "../../../src/adapters/sandbox/egress/client-hello.ts";
import {
  ALLOWED,
  dialStage,
  openStage,
  openTunnel,
  readAll,
  realHello,
  say,
  secure,
  type Stage,
} from "./egress-setup.ts";
import { hasOpenssl } from "../support.ts";

/** The status and body of a GET over an open TLS connection. */
async function ask(tls: TLSSocket, host: string): Promise<string> {
  const request = httpsRequest({ host, headers: { host }, createConnection: () => tls }).end();
  const [response] = await once(request, "response");
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return `${response.statusCode} ${text}`;
}

function connectText(authority: string): string {
  return `CONNECT ${authority} HTTP/1.1\r\n\r\n`;
}

describe.skipIf(!hasOpenssl)("a tunnel", () => {
  it.each([ALLOWED, "a.wild.example.org"])("leads to %s", async (host) => {
    await using stage = await openStage();
    const tls = await secure(stage, await openTunnel(stage, `${host}:${stage.tlsPort}`), host);
    expect(await ask(tls, host)).toBe(`200 hello from ${host}`);
    expect(stage.denials).toEqual([]);
    expect(stage.resolved).toEqual([host]);
  });

  it("is refused in one sentence that names host, port and setting", async () => {
    await using stage = await openStage();
    const answer = await say(stage, connectText("evil.example:443"));
    expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/u);
    expect(answer.split("\r\n\r\n")[1]).toBe(
      "Refused evil.example:443, because it is not on the list of allowed hosts; hosts are allowed by the project's `hosts` setting.\n",
    );
    expect(stage.denials).toEqual([
      { host: "evil.example", port: 443, reason: "it is not on the list of allowed hosts" },
    ]);
    expect(stage.resolved).toEqual([]);
  });

  it("is refused on a port that is not on the list", async () => {
    await using stage = await openStage();
    expect(await say(stage, connectText(`${ALLOWED}:22`))).toContain(`Refused ${ALLOWED}:22,`);
    expect(stage.denials).toMatchObject([{ host: ALLOWED, port: 22 }]);
  });

  it("is told that a name leads nowhere", async () => {
    await using stage = await openStage({
      resolve: async () => await Promise.reject(new Error("ENOTFOUND")),
    });
    const answer = await say(stage, connectText(`${ALLOWED}:${stage.tlsPort}`));
    expect(answer).toMatch(/^HTTP\/1\.1 502 /u);
    expect(answer).toContain(`${ALLOWED} could not be resolved.`);
    expect(stage.denials).toEqual([]);
  });
});

describe.skipIf(!hasOpenssl)("an allowed name that leads to", () => {
  it.each([
    ["loopback", ["127.0.0.1"]],
    ["the metadata service", ["169.254.169.254"]],
    ["the private network", ["192.168.1.1"]],
    ["a public and a private address", ["1.1.1.1", "10.0.0.1"]],
    ["a mapped address", ["::ffff:127.0.0.1"]],
    ["no address at all", ["localhost"]],
  ])("%s is refused", async (_what, addresses) => {
    await using stage = await openStage({ privateAllowed: [], resolve: async () => addresses });
    const answer = await say(stage, connectText(`${ALLOWED}:${stage.tlsPort}`));
    expect(answer).toContain("403 Forbidden");
    expect(answer).toContain("because its name leads to an address that is not public");
    expect(stage.connections()).toBe(0);
    expect(stage.denials).toHaveLength(1);
  });

  it("another address on the second asking is judged again, and asked for once a tunnel", async () => {
    const answers = [["127.0.0.1"], ["127.0.0.2"]];
    await using stage = await openStage({ resolve: async () => answers.shift() ?? [] });
    const authority = `${ALLOWED}:${stage.tlsPort}`;
    const tls = await secure(stage, await openTunnel(stage, authority), ALLOWED);
    expect(await ask(tls, ALLOWED)).toContain("200");
    expect(stage.resolved).toHaveLength(1);
    await expect(openTunnel(stage, authority)).rejects.toThrow("not public");
    expect(stage.resolved).toHaveLength(2);
  });
});

describe.skipIf(!hasOpenssl)("hostile names", () => {
  it.each([
    "evil.example\0.allowed.example.org:PORT",
    "allowed.example.org.evil.example:PORT",
    "evil.example@allowed.example.org:PORT",
    "allowed.example.org@evil.example:PORT",
    "allowed.example.org.:PORT",
    ".allowed.example.org:PORT",
    "allowed..example.org:PORT",
    "allowed%2eexample.org:PORT",
    "%61llowed.example.org:PORT",
    "xallowed.example.org:PORT",
    "b\u00FCcher.example:PORT",
    "allowed.example.org:PORT:PORT",
    "allowed.example.org:0PORT",
    "allowed.example.org:PORT/",
    "allowed.example.org:PORT#",
    "allowed.example.org",
    "allowed.example.org:",
    ":PORT",
    "*:PORT",
    "*.wild.example.org:PORT",
    "wild.example.org:PORT",
    "localhost:PORT",
    "127.0.0.1:PORT",
    "127.1:PORT",
    "0:PORT",
    "0.0.0.0:PORT",
    "2130706433:PORT",
    "0177.0.0.1:PORT",
    "017700000001:PORT",
    "0x7f000001:PORT",
    "0x7f.0.0.1:PORT",
    "[::1]:PORT",
    "[::]:PORT",
    "[::ffff:127.0.0.1]:PORT",
    "[::ffff:7f00:1]:PORT",
    "::1:PORT",
  ])("%j reaches nothing, as a tunnel or as a request", async (authority) => {
    await using stage = await openStage();
    for (const port of [stage.tlsPort, stage.httpPort]) {
      const name = authority.replaceAll("PORT", String(port));
      expect(await say(stage, connectText(name))).toMatch(/^HTTP\/1\.1 40[03] /u);
      const request = `GET http://${name}/ HTTP/1.1\r\nHost: ${ALLOWED}\r\n\r\n`;
      if (name !== ALLOWED && !name.endsWith("/")) {
        expect(await say(stage, request)).toMatch(/^HTTP\/1\.1 40[03] /u);
      }
    }
    expect(stage.resolved).toEqual([]);
    expect(stage.connections()).toBe(0);
  });

  it("no string that is not an allowed name is connected to", async () => {
    await using stage = await openStage();
    const near = fc
      .tuple(
        fc.nat(ALLOWED.length),
        fc.string({ unit: "binary-ascii", minLength: 1, maxLength: 3 }),
      )
      .map(([at, extra]) => ALLOWED.slice(0, at) + extra + ALLOWED.slice(at));
    await fc.assert(
      fc.asyncProperty(fc.oneof(near, fc.string({ unit: "binary-ascii" })), async (name) => {
        fc.pre(name.toLowerCase() !== ALLOWED && !/^[a-z0-9.-]+\.wild\.example\.org$/iu.test(name));
        // What ends the line early makes another request line, which is judged by itself.
        fc.pre(!/^\S*allowed\.example\.org:\d+ HTTP/iu.test(name));
        const socket = await dialStage(stage);
        socket.end(`CONNECT ${name}:${stage.tlsPort} HTTP/1.1\r\n\r\n`, "latin1");
        expect(await readAll(socket)).not.toContain(" 200 ");
      }),
      { numRuns: 150 },
    );
    expect(stage.connections()).toBe(0);
    expect(stage.resolved).toEqual([]);
  });
});

describe.skipIf(!hasOpenssl)("the TLS greeting", () => {
  it("may come byte by byte", async () => {
    await using stage = await openStage();
    const socket = await openTunnel(stage, `${ALLOWED}:${stage.tlsPort}`);
    const tls = await secure(stage, bytewise(socket), ALLOWED);
    expect(await ask(tls, ALLOWED)).toBe(`200 hello from ${ALLOWED}`);
  });

  it("may come with the request for the tunnel", async () => {
    await using stage = await openStage();
    const socket = await dialStage(stage);
    const hello = await realHello(ALLOWED);
    socket.write(Buffer.concat([Buffer.from(connectText(`${ALLOWED}:${stage.tlsPort}`)), hello]));
    let text = "";
    for await (const chunk of socket) {
      text += (chunk as Buffer).toString("latin1");
      if (text.includes("\r\n\r\n\x16\x03\x03")) break;
    }
    expect(text).toMatch(/^HTTP\/1\.1 200 /u);
  });

  it("must name the host of the tunnel", async () => {
    await using stage = await openStage();
    await expectRefusal(stage, await realHello("other.example.org"), "names another host");
  });

  it("must name a host", async () => {
    await using stage = await openStage();
    await expectRefusal(stage, await realHello(""), "names no host");
  });

  it("must be TLS", async () => {
    await using stage = await openStage();
    await expectRefusal(stage, Buffer.from("GET / HTTP/1.1\r\n\r\n"), "is not TLS");
    await expectRefusal(stage, Buffer.from("SSH-2.0-OpenSSH_9.9\r\n"), "is not TLS");
  });

  it("must be whole", async () => {
    await using stage = await openStage();
    const hello = await realHello(ALLOWED);
    await expectRefusal(stage, hello.subarray(0, 100), "no whole TLS greeting");
    await expectRefusal(
      stage,
      Buffer.concat([hello.subarray(0, 3), Buffer.alloc(20_000, 255)]),
      "malformed",
    );
  });

  it("is not missed where a tunnel was given up unused", async () => {
    await using stage = await openStage();
    const socket = await openTunnel(stage, `${ALLOWED}:${stage.tlsPort}`);
    socket.end();
    await readAll(socket);
    expect(stage.denials).toEqual([]);
    expect(stage.connections()).toBe(0);
  });
});

async function expectRefusal(stage: Stage, bytes: Buffer, reason: string): Promise<void> {
  const before = stage.denials.length;
  const socket = await openTunnel(stage, `${ALLOWED}:${stage.tlsPort}`);
  socket.end(bytes);
  const answer = await readAll(socket);
  expect(["", "\x15\x03\x03\x00\x02\x02\x31"]).toContain(answer);
  expect(stage.connections()).toBe(0);
  expect(stage.denials.length - before).toBeLessThanOrEqual(1);
  expect(stage.denials.at(-1)).toEqual({
    host: ALLOWED,
    port: stage.tlsPort,
    reason: expect.stringContaining(reason),
  });
}

/** Writes each byte by itself; what comes back is not touched. */
function bytewise(socket: Socket): Duplex {
  const send = async (chunk: Buffer, done: () => void): Promise<void> => {
    for (const byte of chunk) {
      socket.write(Uint8Array.of(byte));
      await turn();
    }
    done();
  };
  const slow = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void send(chunk, done),
    final: (done) => {
      socket.end();
      done();
    },
  });
  socket.on("data", (chunk) => void slow.push(chunk));
  socket.on("end", () => void slow.push(null));
  return slow;
}

describe.skipIf(!hasOpenssl)("reading the greeting", () => {
  /** The same message in records of this many bytes. */
  const inRecordsOf = (hello: Buffer, size: number): Buffer => {
    const parts: Buffer[] = [];
    for (let at = 5; at < hello.length; at += size) {
      const part = hello.subarray(at, at + size);
      parts.push(Buffer.of(22, 3, 1, part.length >> 8, part.length & 0xff), part);
    }
    return Buffer.concat(parts);
  };

  it("waits for the last byte, however it is cut into records", async () => {
    const real = await realHello("Allowed.Example.org");
    for (const size of [17_000, 200, 100]) {
      const hello = inRecordsOf(real, size);
      for (let length = 0; length < hello.length; length += 1) {
        expect(readClientHello(hello.subarray(0, length))).toEqual({ type: "incomplete" });
      }
      const whole = { type: "hello", serverName: ALLOWED };
      expect(readClientHello(hello)).toEqual(whole);
      expect(readClientHello(Buffer.concat([hello, Buffer.from([23, 3, 3, 0, 1, 0])]))).toEqual(
        whole,
      );
    }
    expect(readClientHello(inRecordsOf(real, 1))).toEqual({ type: "malformed" });
  });

  it("takes no second message, no second name and no length that lies", async () => {
    const real = await realHello(ALLOWED);
    const message = real.subarray(5);
    const twice = inRecordsOf(Buffer.concat([real.subarray(0, 5), message, message]), 17_000);
    expect(readClientHello(twice)).toEqual({ type: "malformed" });
    const at = real.indexOf(ALLOWED);
    for (const [offset, value] of [
      [-2, 0xff],
      [-1, 1],
      [-3, 1],
      [-4, 1],
      [-6, 0xff],
    ] as const) {
      const bent = Buffer.from(real);
      bent[at + offset] = value;
      expect(readClientHello(bent)).not.toEqual({ type: "hello", serverName: ALLOWED });
    }
  });

  it("takes exactly one name of a host", () => {
    const sized = (bytes: Buffer): Buffer =>
      Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
    const entry = (type: number, name: string): Buffer =>
      Buffer.concat([Buffer.of(type), sized(Buffer.from(name))]);
    const extension = (...entries: readonly Buffer[]): Buffer =>
      Buffer.concat([Buffer.of(0, 0), sized(sized(Buffer.concat(entries)))]);
    const read = (...extensions: readonly Buffer[]) => {
      const start = Buffer.from([3, 3, ...Buffer.alloc(32), 0, 0, 2, 19, 1, 1, 0]);
      const body = Buffer.concat([start, sized(Buffer.concat(extensions))]);
      const message = Buffer.concat([Buffer.of(1, 0), sized(body)]);
      return readClientHello(Buffer.concat([Buffer.of(22, 3, 1), sized(message)]));
    };
    const good = entry(0, ALLOWED);
    const malformed = { type: "malformed" };
    expect(read()).toEqual({ type: "hello", serverName: null });
    expect(read(extension(good))).toEqual({ type: "hello", serverName: ALLOWED });
    expect(read(extension(good), extension(entry(0, "evil.example")))).toEqual(malformed);
    expect(read(extension(good, entry(0, "evil.example")))).toEqual(malformed);
    expect(read(extension(entry(1, ALLOWED)))).toEqual(malformed);
    expect(read(extension())).toEqual(malformed);
  });

  it("never throws", () => {
    const start = fc.constantFrom([], [22, 3, 1, 0, 60, 1, 0, 0, 56]);
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 80 }), (head, bytes) => {
        readClientHello(Buffer.from([...head, ...bytes]));
      }),
    );
  });
});
