import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createLauncher } from "../../../../src/adapters/process/launcher.ts";
import { runShort, type ShortRun } from "../../../../src/adapters/process/run-short.ts";
import { openContainer } from "../../../../src/adapters/sandbox/container/open-container.ts";
import type { Sandbox } from "../../../../src/adapters/sandbox/open-sandbox.ts";
import { TASK_UID } from "../../../../src/adapters/sandbox/stage.ts";
import type { Confinement, Denial, LaunchSpec } from "../../../../src/ports/launcher.ts";
import { markedPids, temporaryFolder, textOf, until } from "../../support.ts";
import { confineTo } from "../support.ts";
import { makeTestImage } from "./image.ts";

const LONG_MS = 60_000;
const isRoot = process.getuid?.() === 0;
const image = makeTestImage();
const works = !("missing" in image);
if (works) afterAll(() => image[Symbol.dispose]());

const opened: Sandbox = works
  ? await openContainer({
      engine: "podman",
      image: image.name,
      env: image.env,
      temporary: tmpdir(),
      privateAllowed: ["127.0.0.1"],
    })
  : { ok: false, reason: image.missing, advice: "" };

/** What the engine of this machine answers. */
function podman(...args: readonly string[]): string {
  const env = works ? image.env : {};
  return execFileSync("podman", args, { encoding: "utf8", env, stdio: "pipe" });
}

function containers(): readonly string[] {
  const args = ["ps", "--all", "--filter", "label=sleepless-agent", "--format", "{{.Names}}"];
  return podman(...args)
    .split("\n")
    .filter((name) => name.includes(`-${process.pid}-`));
}

interface Place extends AsyncDisposable {
  readonly path: string;
  readonly workspace: string;
  readonly denied: readonly Denial[];
  readonly spec: (script: string, more?: Partial<Confinement>) => Omit<LaunchSpec, "mark">;
  readonly sh: (script: string, more?: Partial<Confinement>) => Promise<ShortRun>;
  readonly launcher: Awaited<ReturnType<typeof createLauncher>>;
}

async function place(env: Readonly<Record<string, string>> = {}): Promise<Place> {
  if (!opened.ok) throw new Error(opened.reason);
  const folder = await temporaryFolder();
  const workspace = join(folder.path, "workspace");
  await mkdir(workspace);
  const launcher = await createLauncher({ fences: { container: opened.fence } });
  const denied: Denial[] = [];
  const spec: Place["spec"] = (script, more) => ({
    command: "/bin/sh",
    args: ["-c", script],
    cwd: workspace,
    env,
    confinement: confineTo({ workspace }, { level: "container", ...more }),
    onDenied: (denial) => denied.push(denial),
  });
  return {
    workspace,
    denied,
    spec,
    launcher,
    path: folder.path,
    sh: (script, more) => runShort(launcher, spec(script, more), LONG_MS),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  };
}

it("an image that is there opens containers wherever Podman can run one", () => {
  expect(opened.ok ? "" : opened.reason).toBe(works ? "" : image.missing);
});

describe.runIf(opened.ok)("a container", () => {
  it("shows the workspace to write, what may be read, and nothing else of the machine", async () => {
    await using at = await place();
    const notes = join(at.path, "notes");
    await mkdir(notes);
    await writeFile(join(notes, "a"), "read me");
    await writeFile(join(at.path, "secret"), "canary");
    const script = `echo made > made; cat ${notes}/a; echo no > ${notes}/b; ls ${at.path}; cat ${at.path}/secret; touch /usr/x /etc/x /x`;
    const { stdout, stderr } = await at.sh(script, { readable: [notes, join(at.path, "gone")] });
    expect(stdout).toBe("read menotes\nworkspace\n");
    expect(stderr).toMatch(/notes\/b: Read-only file system[^]*secret: No such file/u);
    expect(stderr.match(/Read-only file system/gu)).toHaveLength(4);
    expect(await readdir(at.workspace)).toEqual(["made"]);
    expect((await lstat(join(at.workspace, "made"))).uid).toBe(
      isRoot ? TASK_UID : process.getuid?.(),
    );
  });

  it("has a user of its own that is never root, no capability, and our filter", async () => {
    await using at = await place();
    const status = "grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status";
    const { stdout } = await at.sh(`id -un; [ $(id -u) = 0 ] || echo low; ${status}`);
    expect(stdout.replaceAll("\t", " ")).toBe(
      "task\nlow\nCapEff: 0000000000000000\nCapBnd: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\n",
    );
    const acts = await at.sh(
      "touch a; chmod u+s a; unshare -U true; unshare -m true; mknod d c 1 3; true",
    );
    expect(acts.stderr.match(/not permitted/gu)).toHaveLength(4);
    expect((await lstat(join(at.workspace, "a"))).mode & 0o6000).toBe(0);
  });

  it("keeps the environment off every command line, whatever is in it, and adds none of ours", async () => {
    const token = `hush 'quoted' "$HOME"\nsecond line`;
    await using at = await place({ TOKEN: token, PATH: "/odd" });
    process.env["SLEEPLESS_TEST_CANARY"] = "canary";
    const { child, kill } = at.launcher.spawn({
      ...at.spec(`printf %s "$TOKEN"; echo; env | grep -c CANARY; echo $HOME $TMPDIR; sleep 60`),
      mark: "container/environment",
    });
    let out = "";
    child.stdout?.on("data", (data: Buffer) => (out += data.toString()));
    await until(() => (out.includes("/home/task") ? true : null));
    const all = execFileSync("ps", ["axww", "-o", "args"], { encoding: "utf8" });
    expect(all).toContain("--cap-drop all");
    expect(all).not.toContain("hush 'quoted'");
    expect(podman("inspect", ...containers())).not.toContain("hush");
    await kill(0);
    delete process.env["SLEEPLESS_TEST_CANARY"];
    expect(out).toBe(`${token}\n0\n/home/task /tmp\n`);
  });

  it("passes its input and output, and its end", async () => {
    await using at = await place();
    const { child, kill } = at.launcher.spawn({
      ...at.spec("cat; echo said >&2; exit 7"),
      mark: "container/streams",
    });
    child.stdin?.end("x".repeat(300_000));
    let [out, error] = [0, ""];
    child.stdout?.on("data", (data: Buffer) => (out += data.length));
    child.stderr?.on("data", (data: Buffer) => (error += data.toString()));
    const [code] = (await once(child, "close")) as [number];
    await kill(0);
    expect([code, out, error]).toEqual([7, 300_000, "said\n"]);
    expect(containers()).toEqual([]);
  });

  it("leads out to what is named and nowhere else, with our Node inside", async () => {
    await using at = await place();
    const server = createServer((request, response) => {
      response.end(`${request.method} ${String(request.headers["x-api-key"])}`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const model = {
      host: "model.sandbox",
      target: `http://127.0.0.1:${port}`,
      headers: async () => ({ "x-api-key": "real" }),
    };
    const ask = `node -e 'require("http").get("http://model.sandbox/v1",(r)=>r.pipe(process.stdout))'`;
    const direct = `node -e 'require("net").connect(${port},"127.0.0.1").on("error",(e)=>console.log(e.code))'`;
    const { stdout } = await at.sh(
      `${ask}; echo; ${direct}; curl -s http://evil.example.org/ >/dev/null; cat /proc/net/dev | grep -c :`,
      { virtualHosts: [model] },
    );
    server.close();
    expect(stdout).toBe("GET real\nECONNREFUSED\n1\n");
    expect(at.denied).toMatchObject([{ host: "evil.example.org", port: 80 }]);
  });

  it("sees no process of the machine, no socket of an engine, no device", async () => {
    await using at = await place();
    const { stdout } = await at.sh(
      "ls /proc | grep -c '^[0-9]'; ls /run /var/run 2>/dev/null | grep -ci sock; ls /dev | tr '\\n' ' '; echo; head -c 1 /dev/sda /dev/vda /dev/mem 2>/dev/null | wc -c",
    );
    const [processes, sockets, devices, bytes] = stdout.split("\n");
    expect(Number(processes)).toBeLessThan(8);
    expect(sockets).toBe("0");
    expect(devices?.trim().split(" ")).toEqual(
      expect.arrayContaining(["full", "null", "random", "tty", "urandom", "zero"]),
    );
    expect(devices).not.toMatch(/mem|kmsg|sd|vd|fuse|kvm/u);
    expect(bytes).toBe("0");
  });

  it("gives no socket that rules over containers, nor a link", async () => {
    await using at = await place();
    const at2 = { ...at.spec("true", { readable: ["/run"] }), mark: "container/refused" };
    expect(() => at.launcher.spawn(at2)).toThrow(/rules over all containers/u);
    expect(containers()).toEqual([]);
  });

  it("ends as it is asked", async () => {
    await using at = await place();
    const script = "trap 'echo asked > asked; exit 0' TERM; echo up; while :; do sleep 0.1; done";
    const { child, kill } = at.launcher.spawn({ ...at.spec(script), mark: "container/asked" });
    await once(child.stdout as Readable, "data");
    await kill(LONG_MS);
    expect(await readdir(at.workspace)).toEqual(["asked"]);
    expect(containers()).toEqual([]);
  });

  it("is ended whole when it does not listen", async () => {
    await using at = await place();
    const script = "trap '' TERM HUP; setsid sleep 300 & echo up; while :; do sleep 0.1; done";
    const { child, kill } = at.launcher.spawn({ ...at.spec(script), mark: "container/deaf" });
    await once(child.stdout as Readable, "data");
    await kill(0);
    expect(await markedPids("container/deaf")).toEqual([]);
    expect(containers()).toEqual([]);
  });

  it("does not outlive the program of the engine that it was started with", async () => {
    await using at = await place();
    const { child, kill } = at.launcher.spawn({
      ...at.spec("echo up > up; sleep 300"),
      mark: "container/client",
    });
    await until(() => textOf(join(at.workspace, "up")));
    for (const pid of await markedPids("container/client")) {
      const args = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (args.startsWith("/usr/bin/podman\0run")) process.kill(pid, "SIGKILL");
    }
    await once(child, "exit");
    expect(containers()).toEqual([]);
    await kill(0);
  });

  it("ends with the daemon, however that ends", async () => {
    if (!works) return;
    await using at = await place();
    const daemon = spawn(
      process.execPath,
      [join(import.meta.dirname, "daemon.ts"), "podman", image.name, at.workspace],
      { env: image.env, stdio: "inherit" },
    );
    await until(() => textOf(join(at.workspace, "up")));
    expect(podman("ps", "--format", "{{.Names}}")).toContain(`-${daemon.pid}-`);
    daemon.kill("SIGKILL");
    await until(() =>
      podman("ps", "--all", "--format", "{{.Names}}").includes(`-${daemon.pid}-`) ? null : true,
    );
    await until(async () => ((await markedPids("container/daemon")).length === 0 ? true : null));
  });

  it.runIf(opened.ok && opened.missing.length === 0)("is held to its limits", async () => {
    await using at = await place();
    const over: string[] = [];
    const limits = {
      memoryBytes: 256 * 1024 ** 2,
      cpus: null,
      processes: 64,
      fileBytes: 1024,
      diskBytes: null,
      files: null,
    };
    const eat = `node -e 'const a=[];for(;;)a.push(Buffer.alloc(1e7,1))'`;
    const spec = { ...at.spec(eat, { limits }), onOverLimit: (what: string) => over.push(what) };
    expect((await runShort(at.launcher, spec, LONG_MS)).code).not.toBe(0);
    // Not every version of Podman is told of it on the first version of control groups.
    expect(["", "memory"]).toContain(over.join());
    const { stdout, stderr } = await at.sh(
      "head -c 4096 /dev/zero > big; (for i in $(seq 200); do sleep 5 & done); set -- /proc/[0-9]*; echo $#",
      { limits },
    );
    expect(Number(stdout)).toBeGreaterThan(32);
    expect(Number(stdout)).toBeLessThanOrEqual(64);
    expect(stderr).toMatch(/fork/u);
    expect((await lstat(join(at.workspace, "big"))).size).toBe(1024);
  });

  it("is not made of an image that is not there", async () => {
    if (!works) return;
    const name = "localhost/sleepless-test:gone";
    const said = await openContainer({
      engine: null,
      image: name,
      env: image.env,
      temporary: tmpdir(),
    });
    expect(said).toEqual({
      ok: false,
      reason: `The image ${name} is not on this machine.`,
      advice: `Fetch it with \`/usr/bin/podman pull ${name}\`, or build it; it is never fetched while tasks run.`,
    });
  });
});
