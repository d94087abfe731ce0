import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ALLOWED, dialStage, get, openStage, portOf, readAll, say } from "./egress-setup.ts";
import { hasOpenssl } from "../support.ts";

describe.skipIf(!hasOpenssl)("a plain request", () => {
  it.each([ALLOWED, "a.wild.example.org"])("reaches %s", async (host) => {
    await using stage = await openStage();
    const answer = await get(stage, `http://${host}:${stage.httpPort}/a/../b%2f?q=1&r=%00`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/u);
    expect(answer).toContain(`hello from ${host}:${stage.httpPort}`);
    expect(stage.requests[0]?.url).toBe("/a/../b%2f?q=1&r=%00");
    expect(stage.denials).toEqual([]);
  });

  it("asks for the root where no path is named", async () => {
    await using stage = await openStage();
    await get(stage, `http://${ALLOWED}:${stage.httpPort}`);
    await get(stage, `HTTP://${ALLOWED.toUpperCase()}:${stage.httpPort}?q`);
    expect(stage.requests.map(({ url }) => url)).toEqual(["/", "/?q"]);
  });

  it("carries a body of known or unknown length", async () => {
    const bodies: string[] = [];
    await using stage = await openStage({
      serve: (request, response) =>
        void readBody(request).then((body) => response.end(body), String),
    });
    const start = `POST http://${ALLOWED}:${stage.httpPort}/ HTTP/1.1\r\nHost: a\r\n`;
    bodies.push(await say(stage, `${start}Content-Length: 5\r\n\r\nhello`));
    bodies.push(
      await say(stage, `${start}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
    );
    bodies.push(await say(stage, `${start}\r\n`));
    expect(bodies.map((text) => text.includes("hello"))).toEqual([true, true, false]);
    expect(stage.requests.map(({ headers }) => headers["content-length"])).toEqual([
      "5",
      undefined,
      "0",
    ]);
  });

  it("goes on for the host of its first line, whatever its Host says", async () => {
    await using stage = await openStage();
    await get(stage, `http://${ALLOWED}:${stage.httpPort}/`, "Host: evil.example");
    expect(stage.requests[0]?.rawHeaders.filter((text) => /^host$/iu.test(text))).toHaveLength(1);
    expect(stage.requests[0]?.headers.host).toBe(`${ALLOWED}:${stage.httpPort}`);
  });

  it("loses what speaks of one connection only, in both directions", async () => {
    await using stage = await openStage({
      serve: (_request, response) => {
        response.setHeader("Connection", "x-gone");
        response.setHeader("X-Gone", "1");
        response.setHeader("Proxy-Authenticate", "Basic");
        response.setHeader("X-Kept", ["1", "2"]);
        response.end("body");
      },
    });
    const answer = await get(
      stage,
      `http://${ALLOWED}:${stage.httpPort}/`,
      "Connection: x-secret, keep-alive",
      "X-Secret: 1",
      "Proxy-Authorization: Basic x",
      "Proxy-Connection: keep-alive",
      "TE: trailers",
      "Keep-Alive: 5",
      "X-Kept: 1",
    );
    const names = Object.keys(stage.requests[0]?.headers ?? {});
    expect(names.toSorted()).toEqual(["connection", "host", "x-kept"]);
    expect(answer).toContain("X-Kept: 1\r\nX-Kept: 2\r\n");
    expect(answer).toContain("body");
    expect(answer).not.toMatch(/x-gone|proxy-auth/iu);
  });

  it("gets a redirect as it is", async () => {
    await using stage = await openStage({
      serve: (_request, response) =>
        void response.writeHead(302, { location: "http://evil.example/" }).end(),
    });
    const answer = await get(stage, `http://${ALLOWED}:${stage.httpPort}/`);
    expect(answer).toContain("location: http://evil.example/");
    expect(stage.resolved).toEqual([ALLOWED]);
  });

  it("is told when the host is down, answers nonsense, or switches the protocol unasked", async () => {
    await using stage = await openStage({
      serve: (request) => {
        request.socket.end(
          request.url === "/switch"
            ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
            : "nonsense\r\n\r\n",
        );
      },
    });
    const base = `http://${ALLOWED}:${stage.httpPort}`;
    for (const url of [`${base}/switch`, `${base}/`, `http://${ALLOWED}:${stage.tlsPort}/`]) {
      const answer = await get(stage, url);
      expect(answer).toMatch(/^HTTP\/1\.1 502 /u);
      expect(answer).toContain(`${ALLOWED} could not be reached.`);
    }
  });

  it("breaks off where the answer breaks off", async () => {
    await using stage = await openStage({
      serve: (_request, response) => {
        response.writeHead(200, { "content-length": 100 });
        response.write("half", () => response.destroy());
      },
    });
    const answer = await get(stage, `http://${ALLOWED}:${stage.httpPort}/`);
    expect(answer).toContain("content-length: 100");
    expect(answer.endsWith("half")).toBe(true);
  });
});

describe.skipIf(!hasOpenssl)("a refused request", () => {
  it("is answered in one sentence and reported once, however often it comes", async () => {
    await using stage = await openStage();
    for (let count = 0; count < 3; count += 1) {
      const answer = await get(stage, "http://evil.example/");
      expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/u);
      expect(answer).toContain(
        "Refused evil.example:80, because it is not on the list of allowed hosts; hosts are allowed by the project's `hosts` setting.\n",
      );
    }
    expect(stage.denials).toHaveLength(1);
  });

  it("is one whose name leads to a private address", async () => {
    await using stage = await openStage({ privateAllowed: [] });
    expect(await get(stage, `http://${ALLOWED}:${stage.httpPort}/`)).toContain("is not public");
    expect(stage.connections()).toBe(0);
  });

  it("is one that asks for another protocol", async () => {
    await using stage = await openStage();
    const url = `http://${ALLOWED}:${stage.httpPort}/`;
    const answer = await get(stage, url, "Connection: Upgrade", "Upgrade: websocket");
    expect(answer).toContain("403 Forbidden");
    expect(answer).toContain("another protocol was asked for");
    expect(stage.connections()).toBe(0);
    expect(stage.denials).toHaveLength(1);
  });

  it("does not tell what stood before the @", async () => {
    await using stage = await openStage();
    await get(stage, `http://user:secret@evil.example/`);
    expect(stage.denials).toMatchObject([{ host: "***@evil.example", port: 80 }]);
  });
});

describe.skipIf(!hasOpenssl)("what is no request for a proxy", () => {
  it.each([
    ["a path", "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n"],
    ["an asterisk", "OPTIONS * HTTP/1.1\r\nHost: HOST\r\n\r\n"],
    ["https in the first line", "GET https://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n"],
    ["ftp", "GET ftp://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n"],
    ["a fragment", "GET http://HOST/#a HTTP/1.1\r\nHost: HOST\r\n\r\n"],
    ["a backslash before the host", "GET http:\\\\HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n"],
    ["no host", "GET http:///HOST HTTP/1.1\r\nHost: HOST\r\n\r\n"],
    ["TRACE", "TRACE http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01"],
    ["SOCKS", "\x05\x01\x00"],
    ["no HTTP at all", "hello\r\n\r\n"],
    [
      "two lengths",
      "POST http://HOST/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    ],
    [
      "a length and chunks",
      "POST http://HOST/ HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "chunks and a length",
      "POST http://HOST/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    ],
    [
      "an odd coding",
      "POST http://HOST/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "a coding twice",
      "POST http://HOST/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "a coding with a space",
      "POST http://HOST/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "a length that is none",
      "POST http://HOST/ HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nabcd",
    ],
    ["a folded line", "GET http://HOST/ HTTP/1.1\r\nHost: a\r\n folded: 1\r\n\r\n"],
    ["a NUL in a header", "GET http://HOST/ HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"],
    [
      "a bare line feed in a header",
      "GET http://HOST/ HTTP/1.1\r\nHost: a\r\nX: a\nEvil: b\r\n\r\n",
    ],
  ])("%s is answered with 400 and reaches nothing", async (_what, text) => {
    await using stage = await openStage();
    const answer = await say(stage, text.replaceAll("HOST", `${ALLOWED}:${stage.httpPort}`));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
    expect(stage.connections()).toBe(0);
    expect(stage.denials).toEqual([]);
  });

  it("headers without end are cut short", async () => {
    await using stage = await openStage();
    const answer = await get(
      stage,
      `http://${ALLOWED}:${stage.httpPort}/`,
      `X: ${"a".repeat(40_000)}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
    expect(stage.connections()).toBe(0);
  });

  it.each([
    "GET http://evil.example/ HTTP/1.1\r\nHost: a\r\n\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\n\r\n",
  ])("a second request on a connection is not served: %j", async (second) => {
    await using stage = await openStage();
    const first = `GET http://${ALLOWED}:${stage.httpPort}/ HTTP/1.1\r\nHost: a\r\n\r\n`;
    const answer = await say(stage, first + second + first);
    expect(answer.match(/HTTP\/1\.1 /gu)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(stage.requests.length).toBeLessThanOrEqual(1);
  });

  it("a second answer is not passed on", async () => {
    const liar = createServer((socket) => {
      socket.once("data", () => {
        const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        socket.end(answer + answer.replace("ok", "no"));
      });
    });
    await once(liar.listen(0, "127.0.0.1"), "listening");
    await using stage = await openStage({ rules: [{ host: ALLOWED, port: portOf(liar) }] });
    const answer = await get(stage, `http://${ALLOWED}:${portOf(liar)}/`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Length: 2\r\n[^]*\r\n\r\nok$/u);
    liar.close();
  });
});

it
  .skipIf(!hasOpenssl)
  .each([
    "HTTP/1.1 200 O\x01K\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: a\x7fb\r\n\r\n",
    "HTTP/1.1 99 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ])("an answer that cannot be sent on harms nobody: %j", async (reply) => {
  const odd = createServer((socket) => void socket.once("data", () => socket.end(reply, "latin1")));
  await once(odd.listen(0, "127.0.0.1"), "listening");
  await using stage = await openStage({ rules: [{ host: ALLOWED, port: portOf(odd) }] });
  expect(await get(stage, `http://${ALLOWED}:${portOf(odd)}/`)).toMatch(
    /^HTTP\/1\.1 502 Bad Gateway/u,
  );
  odd.close();
});

it.skipIf(!hasOpenssl).each(["/quiet", "/begun"])(
  "a client that goes away ends what was asked for it: %s",
  async (path) => {
    const gone = Promise.withResolvers<boolean>();
    await using stage = await openStage({
      serve: (request, response) => {
        request.on("close", () => gone.resolve(true));
        if (path === "/begun") response.write("first");
      },
    });
    const client = await dialStage(stage);
    client.write(`GET http://${ALLOWED}:${stage.httpPort}${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    if (path === "/begun") await once(client, "data");
    while (stage.requests.length === 0) await turn();
    client.destroy();
    expect(await gone.promise).toBe(true);
    expect(await readAll(await dialStage(stage).then((socket) => socket.end()))).toBe("");
  },
);

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
