import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram } from "../../../src/adapters/process/find-program.ts";
import { temporaryFolder } from "../support.ts";
import { workshop } from "./real-work-setup.ts";
import { fakeRegistry } from "./registries-setup.ts";
import { sandbox } from "./support.ts";

const has = (program: string): boolean => findProgram(program, "/usr/bin:/bin") !== null;

/** The registry of whoever runs these tests; null where it cannot be reached. */
const npmRegistry = await reached(askNpm());

function askNpm(): URL | null {
  try {
    // Not from the environment: a script of npm's sets that.
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
    const said = execFileSync("npm", ["config", "get", "registry"], { env, cwd: "/" });
    return URL.parse(said.toString().trim());
  } catch {
    return null;
  }
}

async function reached(url: URL | null): Promise<URL | null> {
  if (url === null) return null;
  const said = await fetch(new URL("is-odd", url), {
    method: "HEAD",
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null);
  return said?.ok === true ? url : null;
}

const NODE_PACKAGE = {
  name: "worked-on",
  version: "1.0.0",
  dependencies: { "is-odd": "3.0.1" },
  devDependencies: { uvu: "0.5.6" },
  scripts: { test: "uvu test" },
};
const UVU_TEST = `
const { test } = require("uvu");
const assert = require("uvu/assert");
test("odd", () => assert.is(require("is-odd")(3), true));
test.run();
`;

describe.skipIf(!sandbox.ok || npmRegistry === null)("npm, from the real registry", () => {
  it("installs and tests a package; another task gets the same from the cache", async () => {
    await using counted = await fakeRegistry((request, response) => {
      const to = new URL(`.${request.url}`, npmRegistry ?? "");
      const send = to.protocol === "https:" ? httpsRequest : httpRequest;
      send(to, { headers: { ...request.headers, host: to.host } }, (reply) => {
        response.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(response);
      }).end();
    });
    const tarballs = (): number => counted.asked.filter((line) => line.endsWith(".tgz")).length;
    await using at = await workshop({ npm: counted.url });
    await writeFile(join(at.workspace, "package.json"), JSON.stringify(NODE_PACKAGE));
    await mkdir(join(at.workspace, "test"));
    await writeFile(join(at.workspace, "test", "it.js"), UVU_TEST);
    const first = await at.sh("npm install && npm test");
    expect([first.code, first.stdout]).toEqual([0, expect.stringMatching(/Passed:\s+1/u)]);
    // Who works on with it outside finds the addresses of outside.
    const lock = await readFile(join(at.workspace, "package-lock.json"), "utf8");
    expect(lock).not.toContain(".sandbox");
    const before = tarballs();
    expect(await at.cacheFiles()).toBe(before);
    expect(before).toBeGreaterThan(4);

    for (const name of ["package.json", "package-lock.json"]) {
      const text = await readFile(join(at.workspace, name));
      await writeFile(join(at.otherWorkspace, name), text);
    }
    const workspace = at.otherWorkspace;
    const second = await at.sh("npm ci && node -p 'require(\"is-odd\")(3)'", { workspace });
    expect([second.code, second.stdout]).toEqual([0, expect.stringMatching(/^true$/mu)]);
    expect(tarballs()).toBe(before);
  });
});

/** A wheel as pip wants it, made by hand. */
function wheel(folder: string): Buffer {
  const script = `
import base64, hashlib, sys, zipfile
files = {
    "handmade/__init__.py": "ANSWER = 42\\n",
    "handmade-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: handmade\\nVersion: 1.0\\n",
    "handmade-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: hand\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
record = "".join(f"{name},,\\n" for name in files) + "handmade-1.0.dist-info/RECORD,,\\n"
with zipfile.ZipFile(sys.argv[1], "w") as wheel:
    for name, text in {**files, "handmade-1.0.dist-info/RECORD": record}.items():
        wheel.writestr(name, text)
`;
  const path = join(folder, "wheel");
  execFileSync("python3", ["-c", script, path]);
  return execFileSync("cat", [path]);
}

describe.skipIf(!sandbox.ok || !has("pip3"))("pip, from an index on loopback", () => {
  it.each(["text/html", "application/vnd.pypi.simple.v1+json"])(
    "installs a wheel (%s)",
    async (type) => {
      await using folder = await temporaryFolder();
      const bytes = wheel(folder.path);
      const digest = createHash("sha256").update(bytes).digest("hex");
      const file = "handmade-1.0-py3-none-any.whl";
      const page =
        type === "text/html"
          ? `<!DOCTYPE html><html><body><a data-requires-python=">=3" href="../../files/a/${file}?a=1&amp;b=2#sha256=${digest}">${file}</a></body></html>`
          : JSON.stringify({
              meta: { "api-version": "1.0" },
              name: "handmade",
              files: [
                {
                  filename: file,
                  url: `../../files/a/${file}?a=1&b=2`,
                  hashes: { sha256: digest },
                },
              ],
            });
      await using index = await fakeRegistry((request, response) => {
        if (request.url === "/root/simple/handmade/") {
          response.writeHead(200, { "content-type": type }).end(page);
        } else if (request.url === `/root/files/a/${file}?a=1&b=2`) {
          response.writeHead(200, { "content-length": bytes.length }).end(bytes);
        } else response.writeHead(404).end();
      }, "/root/simple");
      await using at = await workshop({ pip: index.url });
      const install = `pip3 install -q --target deps handmade
      PYTHONPATH=deps python3 -c 'import handmade; print(handmade.ANSWER)'`;
      for (const workspace of [at.workspace, at.otherWorkspace]) {
        const { code, stdout, stderr } = await at.sh(install, { workspace });
        expect([code, stdout]).toEqual([0, "42\n"]);
        expect(stderr).not.toContain("ERROR");
      }
      expect(index.asked.filter((line) => line.includes("/files/"))).toHaveLength(1);
      const forged = await at.sh(`
      curl -sS http://pypi.sandbox/files/${"0".repeat(64)}/aHR0cDovLzEyNy4wLjAuMS8/${file}
      curl -sS http://pypi.sandbox/other`);
      expect(forged.stdout).toMatch(/its index named no such file[^]*it is no page of the index/u);
      expect(index.asked.filter((line) => line.includes("/files/"))).toHaveLength(1);
    },
  );
});

/** The toolchain of cargo: below a home it has to be given to the fence. */
const toolchain = rustToolchain();

function rustToolchain(): string | null {
  try {
    const root = execFileSync("rustc", ["--print", "sysroot"]).toString().trim();
    return existsSync(join(root, "bin", "cargo")) ? root : null;
  } catch {
    return null;
  }
}

describe.skipIf(!sandbox.ok || toolchain === null)("cargo, from a sparse index on loopback", () => {
  it("builds with a crate, and keeps the lock file as it is outside", async () => {
    await using folder = await temporaryFolder();
    const source = join(folder.path, "handmade-1.0.0");
    await mkdir(join(source, "src"), { recursive: true });
    await writeFile(
      join(source, "Cargo.toml"),
      '[package]\nname = "handmade"\nversion = "1.0.0"\n',
    );
    await writeFile(join(source, "src", "lib.rs"), "pub fn answer() -> i32 { 42 }\n");
    const crate = execFileSync("tar", ["-czf", "-", "-C", folder.path, "handmade-1.0.0"]);
    const cksum = createHash("sha256").update(crate).digest("hex");
    const entry = { name: "handmade", vers: "1.0.0", deps: [], cksum, features: {}, yanked: false };
    await using index = await fakeRegistry((request, response) => {
      if (request.url === "/sparse/config.json") {
        const dl = `http://${request.headers.host}/dl/{lowerprefix}/{crate}-{version}`;
        response.end(JSON.stringify({ dl, api: "http://api.example.org/" }));
      } else if (request.url === "/sparse/ha/nd/handmade") response.end(JSON.stringify(entry));
      else if (request.url === "/dl/ha/nd/handmade-1.0.0")
        response.writeHead(200, { "content-length": crate.length }).end(crate);
      else response.writeHead(404).end();
    }, "/sparse/");
    await using at = await workshop({ cargo: index.url });
    const build = `export PATH=${toolchain}/bin:$PATH
      mkdir src
      printf '[package]\\nname = "user"\\nversion = "0.1.0"\\n[dependencies]\\nhandmade = "1"\\n' > Cargo.toml
      echo 'fn main() { println!("{}", handmade::answer()); }' > src/main.rs
      cargo run -q
      grep -c sandbox Cargo.lock || true`;
    const confinement = { readable: [toolchain ?? ""] };
    for (const workspace of [at.workspace, at.otherWorkspace]) {
      const { code, stdout, stderr } = await at.sh(build, { workspace, confinement });
      expect([code, stdout, stderr]).toEqual([0, "42\n0\n", ""]);
    }
    expect(index.asked.filter((line) => line.includes("/dl/"))).toHaveLength(1);
  });
});
