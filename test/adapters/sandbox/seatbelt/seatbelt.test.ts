import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLauncher } from "../../../../src/adapters/process/launcher.ts";
import { runShort } from "../../../../src/adapters/process/run-short.ts";
import { bridging } from "../../../../src/adapters/sandbox/seatbelt/bridging.ts";
import { openSeatbelt } from "../../../../src/adapters/sandbox/seatbelt/open-seatbelt.ts";
import type { Confinement, LaunchSpec } from "../../../../src/ports/launcher.ts";
import { markedPids, temporaryFolder, until } from "../../support.ts";
import { confineTo } from "../support.ts";
import { formsOf } from "./sbpl.ts";

const LONG_MS = 60_000;

/** Takes a profile, writes it down and starts the program behind it with no fence at all. */
const STAND_IN = `#!/bin/sh
[ "$1" = -p ] || exit 64
printf '%s' "$2" >"$(dirname "$0")/profile"
shift 2
exec "$@"
`;

async function setup(): Promise<
  AsyncDisposable & {
    readonly path: string;
    readonly workspace: string;
    readonly launcher: Awaited<ReturnType<typeof createLauncher>>;
    readonly spec: (script: string, more?: Partial<Confinement>) => Omit<LaunchSpec, "mark">;
    readonly profile: () => Promise<string>;
  }
> {
  const folder = await temporaryFolder();
  const program = join(folder.path, "sandbox-exec");
  await writeFile(program, STAND_IN);
  await chmod(program, 0o755);
  const opened = await openSeatbelt({
    temporary: folder.path,
    privateAllowed: ["127.0.0.1"],
    program,
    isRoot: false,
  });
  if (!opened.ok) throw new Error(opened.reason);
  expect(opened.missing).toContain("a test of it on a Mac");
  const workspace = join(folder.path, "workspace");
  await mkdir(workspace);
  return {
    path: folder.path,
    workspace,
    launcher: await createLauncher({ fences: { sandbox: opened.fence } }),
    spec: (script, more) => ({
      command: "/bin/sh",
      args: ["-c", script],
      cwd: workspace,
      env: { TOKEN: "hush" },
      confinement: confineTo({ workspace }, more),
    }),
    profile: async () => await readFile(join(folder.path, "profile"), "utf8"),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  };
}

describe("the start behind Seatbelt, with a stand-in for sandbox-exec", () => {
  it("gives a home and a temporary folder of its own, which go with the tree", async () => {
    await using at = await setup();
    const script = `touch $HOME/a $TMPDIR/b; echo "$TOKEN $USER"; dirname $HOME`;
    const { stdout } = await runShort(at.launcher, at.spec(script), LONG_MS);
    const [said, own = ""] = stdout.trim().split("\n");
    expect(said).toBe("hush task");
    expect(await at.profile()).toContain(`(subpath "${own}")`);
    expect(await at.profile()).not.toContain("network");
    await until(() => (existsSync(own) ? null : true));
  });

  it("names real paths: what is a link for us is none for the kernel", async () => {
    await using at = await setup();
    await mkdir(join(at.path, "real"));
    await symlink(join(at.path, "real"), join(at.path, "link"));
    const readable = [join(at.path, "link"), join(at.path, "gone")];
    await runShort(at.launcher, at.spec("true", { readable }), LONG_MS);
    const profile = await at.profile();
    expect(formsOf(profile).length).toBeGreaterThan(10);
    expect(profile).toContain(`(subpath "${at.path}/real")`);
    expect(profile).not.toMatch(/\/(?:link|gone)"/u);
    const own = at.spec("true", { writable: [join(at.path, "link")] });
    expect(() => at.launcher.spawn({ ...own, mark: "seatbelt/link" })).toThrow(
      /is a symbolic link/u,
    );
  });

  it("leads out by the tree's own port, and the bridge ends with the tree", async () => {
    await using at = await setup();
    const server = createServer((request, response) => {
      response.end(`${request.url} ${String(request.headers["x-api-key"])}`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const model = {
      host: "model.sandbox",
      target: `http://127.0.0.1:${port}`,
      headers: async () => ({ "x-api-key": "real" }),
    };
    const spec = at.spec(
      "curl -sS http://model.sandbox/v1; echo; env | grep -c BRIDGE; echo $http_proxy",
      {
        virtualHosts: [model],
      },
    );
    const { child, kill } = at.launcher.spawn({ ...spec, mark: "seatbelt/out" });
    let out = "";
    child.stdout?.on("data", (data: Buffer) => (out += data.toString()));
    await once(child, "exit");
    await kill(0);
    server.close();
    const [said, variables, proxy = ""] = out.split("\n");
    expect([said, variables]).toEqual(["/v1 real", "0"]);
    expect(await at.profile()).toContain(`(remote ip "localhost:${proxy.split(":").at(-1)}")`);
    expect(await markedPids("seatbelt/out")).toEqual([]);
  });

  it("does not start where its port belongs to somebody else", async () => {
    await using at = await setup();
    const stranger = createTcpServer().listen(0, "127.0.0.1");
    await once(stranger, "listening");
    const { port } = stranger.address() as AddressInfo;
    const [command = "", ...args] = bridging({
      wayOut: { socket: join(at.path, "none"), port },
      node: process.execPath,
      ready: join(at.path, "ready"),
      limits: {
        memoryBytes: null,
        cpus: null,
        processes: null,
        fileBytes: null,
        diskBytes: null,
        files: null,
      },
      command: ["/bin/echo", "started"],
    });
    const plain = await createLauncher();
    const { code, stdout, stderr } = await runShort(
      plain,
      { command, args, cwd: "/", env: {} },
      LONG_MS,
    );
    stranger.close();
    expect([code, stdout]).toEqual([126, ""]);
    expect(stderr).toContain(`The way out could not be opened on port ${port}.`);
  });

  it("bounds files", async () => {
    await using at = await setup();
    const limits = {
      memoryBytes: null,
      cpus: null,
      processes: null,
      fileBytes: 4096,
      diskBytes: null,
      files: null,
    };
    await runShort(
      at.launcher,
      at.spec("head -c 100000 /dev/zero > big; true", { limits }),
      LONG_MS,
    );
    expect((await readFile(join(at.workspace, "big"))).length).toBe(4096);
  });
});

describe("no sandbox on a Mac", () => {
  it("for root", async () => {
    expect(await openSeatbelt({ temporary: "/tmp", isRoot: true })).toMatchObject({
      ok: false,
      advice: "Run it as an ordinary user.",
    });
  });

  it("where sandbox-exec takes no profile", async () => {
    await using folder = await temporaryFolder();
    const program = join(folder.path, "sandbox-exec");
    await writeFile(
      program,
      "#!/bin/sh\necho 'sandbox_apply: Operation not permitted' >&2\nexit 71\n",
    );
    await chmod(program, 0o755);
    const options = { temporary: folder.path, isRoot: false };
    expect(await openSeatbelt({ ...options, program })).toMatchObject({
      ok: false,
      reason: "sandbox-exec does not work here: sandbox_apply: Operation not permitted.",
    });
    expect(await openSeatbelt({ ...options, program: join(folder.path, "gone") })).toMatchObject({
      ok: false,
    });
  });
});
