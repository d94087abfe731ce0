import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sandbox } from "../adapters/sandbox/support.ts";
import { temporaryFolder, until } from "../adapters/support.ts";

const BIN = join(import.meta.dirname, "..", "..", "src", "bin.ts");
const isRoot = process.getuid?.() === 0;

interface Place extends AsyncDisposable {
  readonly disk: string;
  readonly sle: (...words: readonly string[]) => Promise<string>;
}

/**
 * A daemon whose home is a link to a small disk of its own, and whose folder for temporary files
 * executes nothing.
 */
async function place(settings: string, command: string): Promise<Place> {
  const folder = await temporaryFolder();
  const [disk, temporary] = [join(folder.path, "disk"), join(folder.path, "tmp")];
  for (const path of [disk, temporary]) await mkdir(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=96m,mode=0755", "tmpfs", disk]);
  execFileSync("mount", ["-t", "tmpfs", "-o", "noexec,mode=1777", "tmpfs", temporary]);
  const home = join(folder.path, "home");
  await mkdir(join(disk, "home"), { mode: 0o700 });
  await symlink(join(disk, "home"), home);
  const words = JSON.stringify(["/bin/sh", "-c", command]);
  await writeFile(
    join(home, "config.yaml"),
    `executors: { default: work, commands: { work: { command: ${words} } } }
resources: { memory_free_min: null, disk_free_min: null }
${settings}`,
  );
  const env = {
    PATH: process.env["PATH"] ?? "/usr/bin:/bin",
    HOME: folder.path,
    TMPDIR: temporary,
    SLEEPLESS_HOME: home,
  };
  const daemon = spawn(process.execPath, [BIN, "daemon", "run"], { env, stdio: "ignore" });
  const gone = once(daemon, "exit");
  return {
    disk,
    sle: (...given) =>
      new Promise((resolve) => {
        execFile(process.execPath, [BIN, ...given], { env }, (_error, out, err) =>
          resolve(out + err),
        );
      }),
    [Symbol.asyncDispose]: async () => {
      daemon.kill("SIGTERM");
      await gone;
      for (const path of [disk, temporary]) execFileSync("umount", ["--lazy", path]);
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function shown(at: Place, id: string, words: RegExp): Promise<string> {
  return await until(async () => {
    const said = await at.sle("show", id);
    return words.test(said) ? said : null;
  });
}

const oddly = test.skipIf(!sandbox.ok || !isRoot);

oddly("a home that is a link, on another disk, with a /tmp that executes nothing", async () => {
  const script =
    "printf '#!/bin/sh\\necho done >made\\n' >run; chmod +x run; ./run && cp run /tmp && /tmp/run";
  await using at = await place("", script);
  await at.sle("think", "make it");
  expect(await shown(at, "1", /succeeded|failed/u)).toMatch(/succeeded/u);
  expect(await at.sle("show", "1")).toContain("made");
});

oddly("a path in the settings that is not there is named, and the task waits", async () => {
  await using at = await place("isolation: { readable: [/nowhere/at-all] }\n", "true");
  await at.sle("think", "do it");
  expect(await shown(at, "1", /waiting/u)).toContain(
    "/nowhere/at-all, named in isolation.readable, is not there",
  );
});

oddly("a disk that is full when a task ends parks it, and what it made is there", async () => {
  const fill = "head -c 200M /dev/zero >filler 2>/dev/null; exit 0";
  await using at = await place("isolation: { disk: null }\n", `echo kept >result; ${fill}`);
  await at.sle("think", "fill it");
  expect(await shown(at, "1", /disk/iu)).not.toMatch(/succeeded/u);
  expect(await at.sle("why", "1")).toMatch(/disk/iu);
  const result = join(at.disk, "home", "tasks", "1", "result");
  expect(await readFile(result, "utf8")).toBe("kept\n");
});
