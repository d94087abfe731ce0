import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLauncher } from "../../../../src/adapters/process/launcher.ts";
import { isAlive } from "../../../../src/adapters/process/is-alive.ts";
import { processTable } from "../../../../src/adapters/process/process-table.ts";
import { runShort } from "../../../../src/adapters/process/run-short.ts";
import {
  namePrefixOf,
  ownNamespace,
} from "../../../../src/adapters/sandbox/container/leftovers.ts";
import { openContainer } from "../../../../src/adapters/sandbox/container/open-container.ts";
import type { Launcher, LaunchSpec } from "../../../../src/ports/launcher.ts";
import { markedPids, textOf, until } from "../../support.ts";
import { confineTo } from "../support.ts";
import { type StandIn, standIn } from "./stand-in.ts";

const LONG_MS = 60_000;

async function launcherOf(engine: StandIn): Promise<Launcher> {
  const opened = await openContainer({ engine: "docker", image: "tools:1", ...engine });
  if (!opened.ok) throw new Error(opened.reason);
  expect(opened.missing).toEqual([]);
  return await createLauncher({ fences: { container: opened.fence } });
}

async function specOf(
  engine: StandIn,
  script: string,
): Promise<Omit<LaunchSpec, "mark"> & { readonly cwd: string }> {
  const workspace = join(engine.temporary, "workspace");
  await mkdir(workspace, { recursive: true });
  return {
    command: "/bin/sh",
    args: ["-c", script],
    cwd: workspace,
    env: { TOKEN: "hush 'hush'" },
    confinement: confineTo({ workspace }, { level: "container" }),
  };
}

describe("containers of an engine whose client says nothing of them when it dies", () => {
  it("are started with no secret on the engine's command line", async () => {
    await using engine = await standIn();
    const launcher = await launcherOf(engine);
    const spec = await specOf(engine, 'echo "$TOKEN"');
    expect(await runShort(launcher, spec, LONG_MS)).toMatchObject({
      code: 0,
      stdout: "hush 'hush'\n",
    });
    const words = (await engine.calls()).flat();
    expect(words).toContain("--cap-drop");
    expect(words.join(" ")).not.toContain("hush");
    expect(await engine.containers()).toEqual([]);
  });

  it("are removed when the attempt is ended, although nothing of them can be seen from here", async () => {
    await using engine = await standIn();
    const launcher = await launcherOf(engine);
    const spec = await specOf(engine, "echo $$; trap '' TERM; while :; do sleep 0.1; done");
    const { child, kill } = launcher.spawn({ ...spec, mark: "stand-in/kill" });
    const [pid] = (await once(child.stdout as Readable, "data")) as [Buffer];
    expect(await engine.containers()).toHaveLength(1);
    await kill(0);
    expect(await engine.containers()).toEqual([]);
    await until(() => (isAlive(Number(pid.toString())) ? null : true));
  });

  // Several times: what the guard says of its jobs on its way may find nobody who reads it.
  it.each([1, 2, 3, 4, 5, 6])("are removed when the daemon dies (%i)", async () => {
    await using engine = await standIn();
    const { cwd } = await specOf(engine, "");
    const daemon = spawn(
      process.execPath,
      [join(import.meta.dirname, "daemon.ts"), "docker", "tools:1", cwd],
      {
        env: { ...engine.env, TMPDIR: engine.temporary },
        stdio: "inherit",
      },
    );
    await until(() => textOf(join(cwd, "up")));
    expect(await engine.containers()).toHaveLength(1);
    daemon.kill("SIGKILL");
    await until(async () => ((await engine.containers()).length === 0 ? true : null));
  });

  it("have not begun where the engine fails, whatever the agent would have said", async () => {
    await using engine = await standIn();
    const launcher = await launcherOf(engine);
    const well = launcher.spawn({ ...(await specOf(engine, "exit 125")), mark: "stand-in/well" });
    expect(await well.begun).toBe(true);
    await well.kill(0);
    await writeFile(join(engine.temporary, "broken"), "");
    const ill = launcher.spawn({ ...(await specOf(engine, "true")), mark: "stand-in/ill" });
    expect(await ill.begun).toBe(false);
    expect(ill.child.exitCode).toBe(125);
    await ill.kill(0);
    expect(await markedPids("stand-in/ill")).toEqual([]);
  });

  it("tell that they took too much memory", async () => {
    await using engine = await standIn({ overMemory: true });
    const launcher = await launcherOf(engine);
    const told: string[] = [];
    const spec = {
      ...(await specOf(engine, "exit 137")),
      onOverLimit: (what: string) => told.push(what),
    };
    expect(await runShort(launcher, spec, LONG_MS)).toMatchObject({ code: null });
    expect(told).toEqual(["memory"]);
  });
});

describe("leftovers", () => {
  it("are removed at the next start, and only those of daemons of this machine that are gone", async () => {
    await using engine = await standIn();
    const own = ownNamespace();
    const table = processTable();
    const living = `${namePrefixOf(table, process.pid, own)}a`;
    const elsewhere = `sle-${Number(own) + 1}-${process.pid}-1-a`;
    const reused = `sle-${own}-${process.pid}-1-a`;
    const gone = `sle-${own}-4194305-1-a`;
    for (const name of [living, elsewhere, reused, gone, "a-persons-own"]) await engine.add(name);
    await launcherOf(engine);
    expect(await engine.containers()).toEqual(["a-persons-own", elsewhere, living].toSorted());
  });
});

describe("no container", () => {
  it("without an image that is named", async () => {
    const said = await openContainer({ engine: null, image: null, env: {}, temporary: "/tmp" });
    expect(said).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/names? none/u) as string,
    });
  });

  it("without an engine", async () => {
    await using engine = await standIn();
    const bin = join(engine.temporary, "only-setpriv");
    await mkdir(bin);
    const options = { image: "tools:1", env: { PATH: bin }, temporary: engine.temporary };
    const without = await openContainer({ ...options, engine: null });
    expect(without).toMatchObject({ ok: false, reason: "setpriv is not installed." });
    await symlink("/usr/bin/setpriv", join(bin, "setpriv"));
    for (const [name, reason] of [
      [null, "podman and docker are not installed."],
      ["docker", "docker is not installed."],
    ] as const) {
      expect(await openContainer({ ...options, engine: name })).toMatchObject({
        ok: false,
        reason,
      });
    }
  });

  it("where the users of the engine are others", async () => {
    await using engine = await standIn({ info: { SecurityOptions: ["name=rootless"] } });
    const said = await openContainer({ engine: "docker", image: "tools:1", ...engine });
    expect(said).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/only root inside/u) as string,
    });
  });
});
