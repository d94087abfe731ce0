import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { openEgress } from "../../../src/adapters/sandbox/egress/egress.ts";
import type { ServedHost, VirtualHost } from "../../../src/ports/launcher.ts";
import { hasOpenssl, temporaryFolder } from "../support.ts";
import {
  ALLOWED,
  dialStage,
  get,
  makeCertificate,
  openStage,
  openTunnel,
  portOf,
  readAll,
  say,
  type Stage,
} from "./egress-setup.ts";

interface Service extends AsyncDisposable {
  readonly requests: readonly IncomingMessage[];
  readonly virtual: VirtualHost;
}

/** A service on loopback that is `model.sandbox` inside, with this base path and these headers. */
async function openService(
  path: string,
  headers: VirtualHost["headers"],
  serve: RequestListener = (_request, response) => void response.end("served"),
): Promise<Service> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    serve(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    requests,
    virtual: {
      host: "model.sandbox",
      target: `http://127.0.0.1:${portOf(server)}${path}`,
      headers,
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const KEY = async (): Promise<Record<string, string>> =>
  await Promise.resolve({ "x-api-key": "real" });

describe.skipIf(!hasOpenssl)("a virtual host", () => {
  it("sets its headers and drops what came under their names", async () => {
    await using service = await openService("/", KEY);
    await using stage = await openStage({ virtual: [service.virtual], privateAllowed: [] });
    const answer = await get(
      stage,
      "http://Model.Sandbox/v1/messages?beta=true",
      "X-API-Key: placeholder",
      "x-api-key: again",
      "Authorization: Bearer placeholder",
      "Connection: x-api-key",
      "X-Other: kept",
    );
    expect(answer).toContain("served");
    const [request] = service.requests;
    expect(request?.url).toBe("/v1/messages?beta=true");
    expect(request?.headersDistinct["x-api-key"]).toEqual(["real"]);
    expect(request?.headers.authorization).toBeUndefined();
    expect(request?.headers).toMatchObject({
      host: new URL(service.virtual.target).host,
      "x-other": "kept",
    });
    expect(stage.denials).toEqual([]);
    expect(stage.resolved).toEqual([]);
  });

  it("leaves credentials alone where it sets none", async () => {
    await using service = await openService("/", async () => await Promise.resolve({ "x-a": "1" }));
    await using stage = await openStage({ virtual: [service.virtual] });
    await get(stage, "http://model.sandbox/", "Authorization: own", "X-A: 2");
    expect(service.requests[0]?.headers).toMatchObject({ authorization: "own", "x-a": "1" });
  });

  it("asks for its headers every time", async () => {
    let count = 0;
    await using service = await openService("/", async () => {
      count += 1;
      return await Promise.resolve({ authorization: `Bearer ${count}` });
    });
    await using stage = await openStage({ virtual: [service.virtual] });
    for (const _ of [1, 2]) await get(stage, "http://model.sandbox/");
    expect(service.requests.map(({ headers }) => headers.authorization)).toEqual([
      "Bearer 1",
      "Bearer 2",
    ]);
  });

  it("keeps requests below the path of its target", async () => {
    await using service = await openService("/base/", KEY);
    await using stage = await openStage({ virtual: [service.virtual] });
    for (const path of ["/../x", "/a/%2e%2E/x", "/a%2f..", "/..", "/.", "/a\\..\\x", "/..;/x"]) {
      expect(await get(stage, `http://model.sandbox${path}`)).toMatch(/^HTTP\/1\.1 400 /u);
    }
    expect(service.requests).toEqual([]);
    await get(stage, "http://model.sandbox/a..b/...?q=/../");
    await get(stage, "http://model.sandbox");
    expect(service.requests.map(({ url }) => url)).toEqual(["/base/a..b/...?q=/../", "/base/"]);
  });

  it("passes events on as they come, and a body while it is written", async () => {
    await using service = await openService("/", KEY, (request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      request.on("data", (chunk: Buffer) => void response.write(`data: ${chunk.toString()}\n\n`));
      request.on("end", () => void response.end());
    });
    await using stage = await openStage({ virtual: [service.virtual] });
    const client = await dialStage(stage);
    let seen = "";
    client.on("data", (chunk: Buffer) => void (seen += chunk.toString()));
    const sees = async (text: string): Promise<void> => {
      while (!seen.includes(text)) await once(client, "data");
    };
    client.write(
      "POST http://model.sandbox/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    await sees("text/event-stream");
    // Each is only written once the one before it came back, so nothing on the way may wait for more.
    for (const word of ["one", "two", "six"]) {
      client.write(`3\r\n${word}\r\n`);
      await sees(`data: ${word}\n\n`);
    }
    client.end("0\r\n\r\n");
    await once(client, "end");
  });

  it("is served on its own port only, as plain HTTP, and not below its name", async () => {
    await using service = await openService("/", KEY);
    await using stage = await openStage({ virtual: [service.virtual] });
    for (const text of [
      "CONNECT model.sandbox:443",
      "CONNECT model.sandbox:81",
      "GET http://model.sandbox:8080/",
      "GET http://a.model.sandbox/",
    ]) {
      expect(await say(stage, `${text} HTTP/1.1\r\nHost: a\r\n\r\n`)).toContain("403 Forbidden");
    }
    expect(await get(stage, "http://model.sandbox/", "Upgrade: h2c")).toContain("403 Forbidden");
    expect(stage.denials).toHaveLength(5);
    expect(service.requests).toEqual([]);
  });

  it("is reached through a tunnel too, with one request a tunnel", async () => {
    await using service = await openService("/base", KEY);
    await using stage = await openStage({ virtual: [service.virtual], privateAllowed: [] });
    const tunnel = await openTunnel(stage, "model.sandbox:80");
    const request = "GET /v1?q HTTP/1.1\r\nHost: other.example.org\r\n\r\n";
    tunnel.write(request);
    expect(await readAll(tunnel)).toContain("served");
    const [first] = service.requests;
    expect(first?.url).toBe("/base/v1?q");
    expect(first?.headers).toMatchObject({ "x-api-key": "real" });
    const early = "CONNECT model.sandbox:80 HTTP/1.1\r\n\r\nGET /early HTTP/1.1\r\nHost: a\r\n\r\n";
    expect(await say(stage, early)).toContain("served");
    expect(service.requests[1]?.url).toBe("/base/early");
    const second = await openTunnel(stage, "model.sandbox:80");
    second.write(request + request);
    expect(await readAll(second)).not.toContain("served");
  });

  it("lets nothing else out of such a tunnel", async () => {
    await using service = await openService("/", KEY);
    await using stage = await openStage({ virtual: [service.virtual] });
    for (const [line, status] of [
      [`GET http://${ALLOWED}:${stage.httpPort}/ HTTP/1.1`, "403"],
      [`CONNECT ${ALLOWED}:${stage.tlsPort} HTTP/1.1`, "403"],
      ["CONNECT model.sandbox:80 HTTP/1.1", "403"],
      ["GET /../x HTTP/1.1", "400"],
      ["TRACE / HTTP/1.1", "400"],
    ] as const) {
      const tunnel = await openTunnel(stage, "model.sandbox:80");
      tunnel.write(`${line}\r\nHost: a\r\n\r\n`);
      expect(await readAll(tunnel)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `, "u"));
    }
    expect([...service.requests, ...stage.requests]).toEqual([]);
  });

  it("gives no credential back to TRACE", async () => {
    await using service = await openService("/", KEY);
    await using stage = await openStage({ virtual: [service.virtual] });
    const answer = await say(stage, "TRACE http://model.sandbox/ HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
    expect(service.requests).toEqual([]);
  });

  it("passes a redirect on and does not follow it", async () => {
    await using service = await openService("/", KEY, (_request, response) => {
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    await using stage = await openStage({ virtual: [service.virtual] });
    expect(await get(stage, "http://model.sandbox/")).toContain("location: /elsewhere");
    expect(service.requests).toHaveLength(1);
  });

  it("that is down is said to be so", async () => {
    const service = await openService("/", KEY);
    await service[Symbol.asyncDispose]();
    await using stage = await openStage({ virtual: [service.virtual] });
    const answer = await get(stage, "http://model.sandbox/");
    expect(answer).toMatch(/^HTTP\/1\.1 502 /u);
    expect(answer).toContain("model.sandbox could not be reached.");
    expect(stage.denials).toEqual([]);
  });

  it.each([
    ["fails", async () => await Promise.reject(new Error("secret"))],
    ["never comes", async () => await new Promise<never>(() => {})],
    [
      "throws",
      (): Promise<never> => {
        throw new Error("secret");
      },
    ],
  ])("whose credential %s is said to have none", async (_what, headers) => {
    await using service = await openService("/", headers);
    await using stage = await openStage({
      virtual: [service.virtual],
      limits: { connectTimeoutMs: 50 },
    });
    const answer = await get(stage, "http://model.sandbox/");
    expect(answer).toMatch(/^HTTP\/1\.1 502 /u);
    expect(answer).toContain("The credential for model.sandbox could not be had.");
    expect(answer).not.toContain("secret");
    expect(service.requests).toEqual([]);
  });

  it("whose credential cannot be a header breaks nothing but the request", async () => {
    const headers = async (): Promise<Record<string, string>> =>
      await Promise.resolve({ authorization: "a\r\nb" });
    await using service = await openService("/", headers);
    await using stage = await openStage({ virtual: [service.virtual] });
    expect(await get(stage, "http://model.sandbox/")).not.toContain("200 OK");
    expect(service.requests).toEqual([]);
  });

  it("is reached over TLS, with the certificate of its target checked", async () => {
    await using folder = await temporaryFolder();
    const certificate = makeCertificate(folder.path);
    const server = createHttpsServer(
      certificate,
      (_request, response) => void response.end("safe"),
    );
    await once(server.listen(0, "127.0.0.1"), "listening");
    const target = `https://127.0.0.1:${portOf(server)}`;
    await using stage = await openStage({
      virtual: [{ host: "model.sandbox", target, headers: KEY }],
    });
    expect(await get(stage, "http://model.sandbox/")).toMatch(/^HTTP\/1\.1 502 /u);
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, certificate.cert.toString()]);
    expect(await get(stage, "http://model.sandbox/")).toContain("safe");
    setDefaultCACertificates(before);
    server.close();
    server.closeAllConnections();
  });
});

describe.skipIf(!hasOpenssl)("a host that is served here", () => {
  it("answers what is read from it, and nothing else", async () => {
    const asked: string[] = [];
    const served: ServedHost = {
      host: "files.sandbox",
      serve: async (request, response, path) => {
        asked.push(`${request.method} ${path}`);
        if (path === "/no") return await Promise.resolve("it is not shown");
        response.end("served");
        return null;
      },
    };
    await using stage = await openStage({ virtual: [served] });
    expect(await get(stage, "http://files.sandbox/a?b")).toContain("served");
    expect(
      await get(stage, "http://files.sandbox/up", "Connection: Upgrade", "Upgrade: h2c"),
    ).toMatch(/^HTTP\/1\.1 200 OK\r\n/u);
    const head = await say(stage, "HEAD http://files.sandbox/h HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(head).toContain("200 OK");
    expect(await get(stage, "http://files.sandbox/no")).toContain("403 Forbidden");
    expect(await get(stage, "http://files.sandbox/../up")).toContain("400 Bad Request");
    for (const method of ["PUT", "POST", "DELETE", "OPTIONS"]) {
      const text = `${method} http://files.sandbox/p HTTP/1.1\r\nHost: a\r\n\r\n`;
      expect(await say(stage, text)).toContain("403 Forbidden");
    }
    expect(asked).toEqual(["GET /a?b", "GET /up", "HEAD /h", "GET /no"]);
    expect(stage.denials.map(({ host, reason }) => `${host}: ${reason}`)).toEqual([
      "files.sandbox: it is not shown",
      "files.sandbox: it is only read from",
    ]);
  });
});

describe.skipIf(!hasOpenssl)("a connection to a host that is served here", () => {
  const served: ServedHost = {
    host: "files.sandbox",
    serve: async (request, response, path) => {
      request.resume();
      response.setHeader("content-length", path.length);
      return await Promise.resolve(response.end(path)).then(() => null);
    },
  };
  const line = (target: string, ...more: readonly string[]): string =>
    [`GET ${target} HTTP/1.1`, "Host: a", ...more, "", ""].join("\r\n");
  /** Asks for one thing, waits for its answer, and asks for the next; all that was answered. */
  async function inTurn(stage: Stage, first: string, second: string): Promise<string> {
    const socket = await dialStage(stage);
    socket.write(first);
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.write(second);
    return `${answer.toString()}${await readAll(socket)}`;
  }

  it("serves one after the other, each judged by itself", async () => {
    await using stage = await openStage({ virtual: [served] });
    const one = line("http://files.sandbox/one");
    const both = await inTurn(stage, one, line("http://files.sandbox/two", "Connection: close"));
    expect(both.match(/HTTP\/1\.1 200 OK/gu)).toHaveLength(2);
    expect(both).toContain("/two");
    const other = await inTurn(stage, one, line("http://localhost:22/"));
    expect(other).toContain("403 Forbidden");
    expect(stage.denials.map(({ host, port }) => `${host}:${port}`)).toEqual(["localhost:22"]);
  });

  it("ends after a request with a body", async () => {
    await using stage = await openStage({ virtual: [served] });
    const plain = line("http://files.sandbox/one");
    expect(await say(stage, plain)).toMatch(/^connection: keep-alive\r$/imu);
    const body = line("http://files.sandbox/one", "Content-Length: 3").concat("abc");
    expect(await say(stage, body)).toMatch(/^connection: close\r$/imu);
  });
});

it.skipIf(!hasOpenssl)("a target that is no address is a mistake of ours, and thrown", () => {
  for (const target of ["ftp://127.0.0.1/", "nonsense"]) {
    const rules = { allow: [], virtual: [{ host: "model.sandbox", target, headers: KEY }] };
    expect(() => openEgress({ rules, onDenied: () => {} })).toThrow(TypeError);
  }
});
