import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fakeRegistry, packed } from "../adapters/sandbox/registries-setup.ts";
import { sandbox } from "../adapters/sandbox/support.ts";
import { temporaryFolder, until } from "../adapters/support.ts";

const BIN = join(import.meta.dirname, "..", "..", "src", "bin.ts");
const WORK = [
  "set -e",
  '[ "$npm_config_registry" = http://npm.sandbox/ ]',
  'curl -sSf "$npm_config_registry"p/-/p-1.0.0.tgz -o got',
  'curl -sS -X PUT "$npm_config_registry"p',
].join("; ");

/** A daemon that is gone at the end. */
function runDaemon(env: Readonly<Record<string, string>>): AsyncDisposable {
  const child = spawn(process.execPath, [BIN, "daemon", "run"], { env, stdio: "ignore" });
  const gone = once(child, "exit");
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await gone;
    },
  };
}

test.skipIf(!sandbox.ok)(
  "tasks share what one of them had brought, and cannot publish",
  async () => {
    await using registry = await fakeRegistry((_request, response) => {
      const body = packed("what is in the package");
      response.writeHead(200, { "content-length": body.length }).end(body);
    });
    await using folder = await temporaryFolder();
    const [home, programs] = [join(folder.path, "home"), join(folder.path, "programs")];
    for (const path of [home, programs]) await mkdir(path, { mode: 0o700 });
    // The person's own tool, which knows the registry.
    await writeFile(join(programs, "npm"), `#!/bin/sh\necho ${registry.url.href}\n`);
    await chmod(join(programs, "npm"), 0o755);
    const command = JSON.stringify(["/bin/sh", "-c", WORK]);
    await writeFile(
      join(home, "config.yaml"),
      `executors: { default: fetch, commands: { fetch: { command: ${command} } } }
resources: { memory_free_min: null, disk_free_min: null }
registries: { pip: off }\n`,
    );
    const env = { PATH: `${programs}:/usr/bin:/bin`, HOME: folder.path, SLEEPLESS_HOME: home };
    const sle = async (...words: readonly string[]): Promise<string> =>
      await new Promise((resolve) => {
        execFile(process.execPath, [BIN, ...words], { env }, (_error, out, err) =>
          resolve(out + err),
        );
      });
    await using _daemon = runDaemon(env);
    for (const id of ["1", "2"]) {
      await sle("think", "fetch it");
      const shown = await until(async () => {
        const said = await sle("show", id);
        return /succeeded|failed/u.test(said) ? said : null;
      });
      expect(shown).toContain("succeeded");
      expect(shown).toContain("npm.sandbox:80: it is only read from");
    }
    expect(registry.asked).toEqual(["GET /p/-/p-1.0.0.tgz"]);
    expect(await sle("doctor")).toContain(
      `✓ packages: from npm ${registry.url.href}; 1 file with 0 MiB kept in ${join(home, "data")}`,
    );
  },
);
