import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findProgram } from "../../src/adapters/process/find-program.ts";
import { until } from "../adapters/support.ts";

const BIN = join(import.meta.dirname, "..", "..", "src", "bin.ts");
const CONFIG = `executors:
  default: mark
  commands: { mark: { command: [/bin/sh, -c, "echo done > done.txt"] } }
resources: { memory_free_min: null, disk_free_min: null }
`;

interface Place extends AsyncDisposable {
  readonly home: string;
  readonly sle: (...words: readonly string[]) => Promise<string>;
  readonly daemon: () => ChildProcess;
}

/** A home on a machine without bubblewrap: PATH leads to git and the shell alone. */
async function place(more: string): Promise<Place> {
  const root = await mkdtemp(join(tmpdir(), "sle-no-sandbox-"));
  const [home, programs] = [join(root, "home"), join(root, "programs")];
  for (const path of [home, programs]) await mkdir(path, { mode: 0o700 });
  for (const name of ["git", "sh"]) {
    const found = findProgram(name, process.env["PATH"]);
    if (found !== null) await symlink(found, join(programs, name));
  }
  await writeFile(join(home, "config.yaml"), CONFIG + more);
  const env = { PATH: programs, HOME: root, SLEEPLESS_HOME: home };
  const daemons: ChildProcess[] = [];
  return {
    home,
    sle: (...words) =>
      new Promise((resolve) => {
        execFile(process.execPath, [BIN, ...words], { env }, (_error, out, err) => {
          resolve(out + err);
        });
      }),
    daemon: () => {
      const child = spawn(process.execPath, [BIN, "daemon", "run"], { env, stdio: "ignore" });
      daemons.push(child);
      return child;
    },
    [Symbol.asyncDispose]: async () => {
      for (const child of daemons) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        const gone = once(child, "exit");
        child.kill("SIGTERM");
        await gone;
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}

test("no task starts without a sandbox, and why and doctor say what mends it", async () => {
  await using at = await place("");
  at.daemon();
  await at.sle("think", "mark it");
  const why = await until(async () => {
    const said = await at.sle("why", "1");
    return said.includes("no sandbox") ? said : null;
  });
  expect(why).toContain(
    "There is no sandbox, so no task starts: bubblewrap is not installed. Install bubblewrap: `sudo apt install bubblewrap`",
  );
  expect(await at.sle("doctor")).toContain(
    "✗ isolation: bubblewrap is not installed.\n  Install bubblewrap",
  );
  expect(await at.sle("ls", "--json=state,attempt")).not.toContain("running");
});

test("a configuration that asks for none lets tasks start, and doctor warns", async () => {
  await using at = await place("isolation: { level: process }\n");
  at.daemon();
  await at.sle("think", "mark it");
  await until(async () => ((await at.sle("show", "1")).includes("succeeded") ? true : null));
  expect(await at.sle("doctor")).toMatch(/! isolation: no sandbox, as the settings say; /u);
});
