import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { createServer as createHttpsServer } from "node:https";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { describe, expect, it } from "vitest";
import { hasOpenssl, temporaryFolder, until } from "../support.ts";
import { dialStage, get, makeCertificate, portOf, readAll, say } from "./egress-setup.ts";
import { fakeRegistry, packed, stageWith } from "./registries-setup.ts";

const TARBALL = packed("what is in the package");
const AT = "http://npm.sandbox/pkg/-/pkg-1.0.0.tgz";

function send(response: ServerResponse, body: Buffer, status = 200): void {
  response.writeHead(status, { "content-length": body.length }).end(body);
}

/** The body of a whole answer with a known length. */
function bodyOf(answer: string): Buffer {
  return Buffer.from(answer.slice(answer.indexOf("\r\n\r\n") + 4), "latin1");
}

/** Waits until nothing is left of what was begun; in vain when something was kept. */
async function isEmpty(folder: string): Promise<void> {
  const files = async (): Promise<string[]> => await readdir(join(folder, "files")).catch(() => []);
  await until(async () => ((await files()).length === 0 ? true : null));
}

describe.skipIf(!hasOpenssl)("the cache of registries", () => {
  it("has a file brought once, and serves every further asking itself", async () => {
    await using registry = await fakeRegistry((_request, response) => send(response, TARBALL));
    await using at = await stageWith({ npm: registry.url });
    for (const extra of ["", "?made=up", ""]) {
      expect(bodyOf(await get(at.stage, AT + extra))).toEqual(TARBALL);
    }
    expect(registry.asked).toEqual(["GET /pkg/-/pkg-1.0.0.tgz"]);
    expect(await at.registries.usage()).toEqual({ files: 1, bytes: TARBALL.length });
  });

  it("asks upstream with nothing of a task's but what it needs", async () => {
    await using registry = await fakeRegistry((_request, response) => {
      response.setHeader("set-cookie", "a=b").setHeader("location", "http://a/");
      send(response, Buffer.from("{}"));
    });
    await using at = await stageWith({
      npm: new URL(registry.url.href.replace("//", "//me:p%40ss@")),
    });
    const headers = ["Authorization: Bearer made-up", "Cookie: c", "X-Data: d", "Accept: text/x"];
    const body = ["Content-Length: 4", "", "data"];
    const answer = await get(at.stage, "http://npm.sandbox/pkg", ...headers, ...body);
    expect(answer).not.toMatch(/set-cookie|location/iu);
    const [request] = registry.requests;
    expect(request?.headers).toEqual({
      accept: "text/x",
      authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
      connection: "keep-alive",
      host: registry.url.host,
    });
  });

  it("asks for what may change every time", async () => {
    let version = 0;
    await using registry = await fakeRegistry((_request, response) => {
      version += 1;
      response.writeHead(200, { etag: `"${version}"` }).end(`version ${version}`);
    });
    await using at = await stageWith({ npm: registry.url });
    expect(await get(at.stage, "http://npm.sandbox/pkg")).toContain("version 1");
    const again = await get(at.stage, "http://npm.sandbox/pkg", 'If-None-Match: "1"');
    expect(again).toContain("version 2");
    expect(registry.requests[1]?.headers["if-none-match"]).toBe('"1"');
    expect(await at.registries.usage()).toEqual({ files: 0, bytes: 0 });
  });

  it.each([404, 500, 206, 301])("keeps no answer %i", async (status) => {
    await using registry = await fakeRegistry((_request, response) =>
      send(response, TARBALL, status),
    );
    await using at = await stageWith({ npm: registry.url });
    for (const _ of [1, 2]) expect(await get(at.stage, AT)).toContain(`HTTP/1.1 ${status} `);
    expect(registry.asked).toHaveLength(2);
    await isEmpty(at.folder);
  });

  it.each<[string, (response: ServerResponse) => void]>([
    [
      "breaks off before its length",
      (response) => {
        response.writeHead(200, { "content-length": 1000 }).write(TARBALL);
        setImmediate(() => response.destroy());
      },
    ],
    [
      "breaks off in the middle of its chunks",
      (response) => {
        response.writeHead(200).write(TARBALL);
        setImmediate(() => response.destroy());
      },
    ],
    [
      "has no end but that of its connection",
      (response) => {
        response.useChunkedEncodingByDefault = false;
        response.writeHead(200, { connection: "close" }).end(TARBALL);
      },
    ],
    ["is a page that says to log in", (response) => send(response, Buffer.from("<html>"))],
    ["is empty", (response) => send(response, Buffer.from(""))],
    ["is larger than a quarter of the cache", (response) => send(response, packed("x"))],
    [
      "turns out to be larger than a quarter of the cache",
      (response) => {
        response.writeHead(200).write(packed("x"));
        response.end(packed("y"));
      },
    ],
    [
      "comes in another coding",
      (response) => {
        response.setHeader("content-encoding", "gzip");
        send(response, TARBALL);
      },
    ],
  ])("keeps nothing that %s", async (what, serve) => {
    await using registry = await fakeRegistry((_request, response) => serve(response));
    const bytesMax = what.includes("larger") ? 4 : 1024 ** 2;
    await using at = await stageWith({ npm: registry.url }, { bytesMax });
    for (const _ of [1, 2]) await get(at.stage, AT);
    expect(registry.asked).toHaveLength(2);
    await isEmpty(at.folder);
  });

  it("keeps nothing of a download that was given up, and ends it outside too", async () => {
    const ended = Promise.withResolvers<void>();
    await using registry = await fakeRegistry((_request, response) => {
      response.once("close", () => ended.resolve());
      response.writeHead(200, { "content-length": 10 ** 12 });
      const more = (): void => {
        while (response.write(Buffer.alloc(64 * 1024))) continue;
        response.once("drain", more);
      };
      more();
    });
    await using at = await stageWith({ npm: registry.url }, { bytesMax: 10 ** 13 });
    const client = await dialStage(at.stage);
    client.write(`GET ${AT} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await once(client, "data");
    client.destroy();
    await ended.promise;
    await isEmpty(at.folder);
  });

  it("serves two who ask at the same time, and keeps one whole file", async () => {
    const both = Promise.withResolvers<void>();
    await using registry = await fakeRegistry((_request, response) => {
      response.writeHead(200, { "content-length": TARBALL.length }).write(TARBALL.subarray(0, 9));
      if (registry.requests.length === 2) both.resolve();
      void both.promise.then(() => response.end(TARBALL.subarray(9)));
    });
    await using at = await stageWith({ npm: registry.url });
    const answers = await Promise.all([get(at.stage, AT), get(at.stage, AT)]);
    expect(answers.map(bodyOf)).toEqual([TARBALL, TARBALL]);
    expect(bodyOf(await get(at.stage, AT))).toEqual(TARBALL);
    expect(registry.asked).toHaveLength(2);
    expect(await at.registries.usage()).toEqual({ files: 1, bytes: TARBALL.length });
  });

  it("answers whole where a part was asked for, and the length for HEAD", async () => {
    await using registry = await fakeRegistry((_request, response) => send(response, TARBALL));
    await using at = await stageWith({ npm: registry.url });
    const head = `HEAD ${AT} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    const length = `content-length: ${TARBALL.length}\r\n`;
    expect((await say(at.stage, head)).toLowerCase()).toContain(length);
    expect(await at.registries.usage()).toEqual({ files: 0, bytes: 0 });
    for (const _ of [1, 2]) {
      const answer = await get(at.stage, AT, "Range: bytes=5-");
      expect(answer).toContain("HTTP/1.1 200 OK");
      expect(bodyOf(answer)).toEqual(TARBALL);
    }
    expect((await say(at.stage, head)).toLowerCase()).toContain(length);
    expect(registry.asked).toEqual(["HEAD /pkg/-/pkg-1.0.0.tgz", "GET /pkg/-/pkg-1.0.0.tgz"]);
  });

  it("removes what was not used for longest when it is full", async () => {
    await using registry = await fakeRegistry((_request, response) => send(response, TARBALL));
    await using at = await stageWith({ npm: registry.url }, { bytesMax: TARBALL.length * 4 });
    const files = join(at.folder, "files");
    const ask = async (name: string): Promise<string> =>
      await get(at.stage, `http://npm.sandbox/${name}/-/${name}.tgz`);
    for (const name of ["a", "b", "c", "d"]) {
      const before = new Set(await readdir(files).catch(() => []));
      await ask(name);
      const made = (await readdir(files)).find((each) => !before.has(each)) ?? "";
      const usedAt = new Date(Date.UTC(2020, 0, name.charCodeAt(0)));
      await utimes(join(files, made), usedAt, usedAt);
    }
    await ask("a");
    await ask("e");
    expect(await at.registries.usage()).toEqual({ files: 3, bytes: TARBALL.length * 3 });
    for (const name of ["a", "d", "e"]) await ask(name);
    expect(registry.asked).toHaveLength(5);
  });

  it("is for our own user only, and is cleared of what an earlier life left half done", async () => {
    await using registry = await fakeRegistry((_request, response) => send(response, TARBALL));
    await using folder = await temporaryFolder();
    const files = join(folder.path, "files");
    await mkdir(files, { mode: 0o700 });
    const left = `${"a".repeat(64)}.0f8fad5b-d9cb-469f-a165-70867728950e`;
    await writeFile(join(files, left), "half");
    await using at = await stageWith({ npm: registry.url }, { folder: folder.path });
    await get(at.stage, AT);
    const [name = "", ...others] = await readdir(files);
    expect(others).toEqual([]);
    expect(await readFile(join(files, name))).toEqual(TARBALL);
    expect((await stat(files)).mode & 0o777).toBe(0o700);
    expect((await stat(join(files, name))).mode & 0o777).toBe(0o600);
  });

  it("that cannot be written only has everything brought again", async () => {
    await using registry = await fakeRegistry((_request, response) => send(response, TARBALL));
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "files"), "in the way");
    await using at = await stageWith({ npm: registry.url }, { folder: folder.path });
    for (const _ of [1, 2]) expect(bodyOf(await get(at.stage, AT))).toEqual(TARBALL);
    expect(registry.asked).toHaveLength(2);
    await chmod(folder.path, 0o700);
  });
});

describe.skipIf(!hasOpenssl)("a registry", () => {
  it("is only read from, below its own path", async () => {
    await using registry = await fakeRegistry(
      (_request, response) => void response.end("{}"),
      "/a/b/",
    );
    await using at = await stageWith({ npm: registry.url });
    for (const path of ["pkg", "a/b/pkg", "@s%2fpkg", "/other", "pkg?q=1"]) {
      await get(at.stage, `http://npm.sandbox/${path}`);
    }
    expect(registry.asked).toEqual([
      "GET /a/b/pkg",
      "GET /a/b/pkg",
      "GET /a/b/@s%2fpkg",
      "GET /a/b//other",
      "GET /a/b/pkg?q=1",
    ]);
    for (const path of ["../c", "%2e%2e/c", "x/..%2f..%2fc"]) {
      expect(await get(at.stage, `http://npm.sandbox/${path}`)).toContain("400 Bad Request");
    }
    const put = "PUT http://npm.sandbox/pkg HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    expect(await say(at.stage, put)).toContain("403 Forbidden");
    expect(registry.asked).toHaveLength(5);
    expect(at.stage.denials).toEqual([
      { host: "npm.sandbox", port: 80, reason: "it is only read from" },
    ]);
  });

  it("is named as it is outside to npm, and as it is inside to pnpm", async () => {
    await using registry = await fakeRegistry((_request, response) => {
      response.end(JSON.stringify({ tarball: new URL("p/-/p.tgz", registry.url).href }));
    }, "/npm/");
    await using at = await stageWith({ npm: registry.url });
    const ask = async (agent: string): Promise<string> =>
      await get(at.stage, "http://npm.sandbox/p", `User-Agent: ${agent}`);
    expect(await ask("npm/11.0.0 node")).toContain(`{"tarball":"${registry.url.href}p/-/p.tgz"}`);
    expect(await ask("pnpm/10.0.0 npm")).toContain('{"tarball":"http://npm.sandbox/p/-/p.tgz"}');
  });

  it("may lead on within itself, and the file it leads to is kept", async () => {
    await using registry = await fakeRegistry((request, response) => {
      if (request.url === "/there") return send(response, TARBALL);
      response.writeHead(302, { location: "/there" }).end();
    });
    await using at = await stageWith({ npm: registry.url });
    for (const _ of [1, 2]) expect(bodyOf(await get(at.stage, AT))).toEqual(TARBALL);
    expect(registry.asked).toEqual(["GET /pkg/-/pkg-1.0.0.tgz", "GET /there"]);
  });

  it("leads nobody round in a ring", async () => {
    await using registry = await fakeRegistry((request, response) => {
      response.writeHead(307, { location: request.url }).end();
    });
    await using at = await stageWith({ npm: registry.url });
    expect(await get(at.stage, AT)).toContain("There are too many redirects.");
    expect(registry.asked).toHaveLength(6);
  });

  it("leads to no other host without TLS, and to no private one with it", async () => {
    await using folder = await temporaryFolder();
    const certificate = makeCertificate(folder.path);
    const asked: unknown[] = [];
    const secret = createHttpsServer(
      certificate,
      (_request, response) => void response.end("secret"),
    );
    secret.on("connection", () => void asked.push("connected"));
    await once(secret.listen(0, "127.0.0.1"), "listening");
    await using plain = await fakeRegistry((_request, response) => void response.end("secret"));
    const before = getCACertificates("default");
    setDefaultCACertificates([...before, certificate.cert.toString()]);
    const port = portOf(secret);
    for (const location of [
      plain.url.href,
      `https://127.0.0.1:${port}/`,
      `https://localhost:${port}/`,
      `https://[::ffff:127.0.0.1]:${port}/`,
      `https://2130706433:${port}/`,
      "https://169.254.169.254/latest/meta-data/",
      "ftp://127.0.0.1/",
      "file:///etc/passwd",
    ]) {
      await using registry = await fakeRegistry((_request, response) => {
        response.writeHead(302, { location }).end();
      });
      await using at = await stageWith({ npm: registry.url });
      const answer = await get(at.stage, AT);
      expect(answer).toContain("502 Bad Gateway");
      expect(answer).not.toContain("secret");
    }
    setDefaultCACertificates(before);
    expect([...asked, ...plain.asked]).toEqual([]);
    secret.close();
  });

  it("that is down, or that nobody knows, is said to be so", async () => {
    const registry = await fakeRegistry(() => {});
    await registry[Symbol.asyncDispose]();
    await using at = await stageWith({ npm: registry.url });
    expect(await get(at.stage, AT)).toContain("could not be reached.");
    const nobody = await stageWith({ npm: null as never });
    expect(await get(nobody.stage, AT)).toContain("Nobody here knows a registry for npm");
    await nobody[Symbol.asyncDispose]();
    expect(at.stage.denials).toEqual([]);
  });

  it("is asked again where it closed a kept connection just now", async () => {
    await using registry = await fakeRegistry((request, response) => {
      // The second request on a connection finds it closed.
      if (request.socket.listenerCount("used") > 0) return void request.socket.destroy();
      request.socket.once("used", () => {});
      response.end("{}");
    });
    await using at = await stageWith({ npm: registry.url });
    for (const _ of [1, 2, 3])
      expect(await get(at.stage, "http://npm.sandbox/p")).toContain("200 OK");
  });

  it("has a reader's own pace", async () => {
    const large = Buffer.concat([TARBALL, Buffer.alloc(8 * 1024 ** 2)]);
    await using registry = await fakeRegistry((_request, response) => send(response, large));
    await using at = await stageWith({ npm: registry.url }, { bytesMax: 64 * 1024 ** 2 });
    for (const _ of [1, 2]) {
      const client = await dialStage(at.stage);
      client.write(`GET ${AT} HTTP/1.1\r\nHost: a\r\n\r\n`);
      await once(client, "readable");
      expect(bodyOf(await readAll(client)).length).toBe(large.length);
    }
    expect(registry.asked).toHaveLength(1);
  });
});
