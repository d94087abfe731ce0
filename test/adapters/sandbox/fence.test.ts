import { closeSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runShort, type ShortRun } from "../../../src/adapters/process/run-short.ts";
import type { Wrapped } from "../../../src/adapters/process/wrapper.ts";
import type { Groups } from "../../../src/adapters/sandbox/limits/cgroups.ts";
import { INSIDE, makeFence } from "../../../src/adapters/sandbox/fence.ts";
import { makeRunFolder } from "../../../src/adapters/sandbox/run-folder.ts";
import { openSandbox } from "../../../src/adapters/sandbox/open-sandbox.ts";
import { TASK_UID } from "../../../src/adapters/sandbox/stage.ts";
import { nodePlaces, programPlaces } from "../../../src/adapters/sandbox/system-places.ts";
import type { Confinement, Denial } from "../../../src/ports/launcher.ts";
import { temporaryFolder, until } from "../support.ts";
import { confineTo, fencingLauncher, sandbox } from "./support.ts";

const LONG_MS = 60_000;
const isRoot = process.getuid?.() === 0;

interface Place extends AsyncDisposable {
  readonly workspace: string;
  readonly denied: readonly Denial[];
  /** Runs a shell script inside; with what it may use besides its own folder. */
  readonly sh: (script: string, more?: Partial<Confinement>) => Promise<ShortRun>;
  readonly path: string;
}

async function place(env: Readonly<Record<string, string>> = {}): Promise<Place> {
  const folder = await temporaryFolder();
  const workspace = join(folder.path, "workspace");
  await mkdir(workspace);
  const launcher = await fencingLauncher();
  const denied: Denial[] = [];
  return {
    workspace,
    denied,
    path: folder.path,
    sh: (script, more) =>
      runShort(
        launcher,
        {
          command: "/bin/sh",
          args: ["-c", script],
          cwd: workspace,
          env,
          confinement: confineTo({ workspace }, more),
          onDenied: (denial) => denied.push(denial),
        },
        LONG_MS,
      ),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  };
}

describe.skipIf(!sandbox.ok)("the fence", () => {
  it("shows the workspace to write, what may be read, and nothing else of the person's", async () => {
    await using at = await place();
    const notes = join(at.path, "notes");
    await mkdir(notes);
    await writeFile(join(notes, "a"), "read me");
    await writeFile(join(at.path, "secret"), "canary");
    const script = `echo made > made; cat ${notes}/a; echo no > ${notes}/b; ls ${at.path}; cat ${at.path}/secret`;
    const { stdout, stderr } = await at.sh(script, { readable: [notes, join(at.path, "gone")] });
    expect(stdout).toBe("read menotes\nworkspace\n");
    expect(stderr).toMatch(/notes\/b: Read-only file system[^]*secret: No such file/u);
    expect(await readdir(at.workspace)).toEqual(["made"]);
  });

  it("is nobody of the machine's, and what it leaves belongs to no one of them", async () => {
    await using at = await place();
    const { stdout } = await at.sh(
      "id -un; touch mine; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status",
    );
    expect(stdout).toBe("task\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\n");
    const owner = (await lstat(join(at.workspace, "mine"))).uid;
    expect(owner).toBe(isRoot ? TASK_UID : process.getuid?.());
  });

  it("gives the environment it was given and names no variable on a command line", async () => {
    await using at = await place({ TOKEN: "hush", HOME: "/home/somebody", PATH: "/odd" });
    const script = `tr '\\0' '\\n' < /proc/1/cmdline | grep -c '[h]ush'; echo "$TOKEN $HOME $TMPDIR $PATH"; env | grep -ci proxy`;
    const { stdout } = await at.sh(script);
    expect(stdout).toBe("0\nhush /home/task /tmp /opt/node/bin:/usr/local/bin:/usr/bin:/bin\n0\n");
  });

  it("leads out to what is named, with the credential put in outside", async () => {
    await using at = await place();
    const keys: unknown[] = [];
    const server = createServer((request, response) => {
      keys.push(request.headers["x-api-key"]);
      response.end(`${request.method} ${request.url}`);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const model = {
      host: "model.sandbox",
      paths: ["/v1", "/two"],
      target: `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`,
      headers: async () => ({ "x-api-key": "real" }),
    };
    const get = `http.get("http://model.sandbox/v1?q=1",{headers:{"x-api-key":"fake"}},(r)=>r.pipe(process.stdout))`;
    const script = `node -e '${get}'; echo`;
    const { stdout, stderr } = await at.sh(
      `${script}; curl -sS http://model.sandbox/two; curl -sS http://model.sandbox/v10/keys`,
      {
        virtualHosts: [model],
      },
    );
    server.close();
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^GET \/base\/v1\?q=1\nGET \/base\/twoRefused model\.sandbox:80/u);
    expect(keys).toEqual(["real", "real"]);
    expect(at.denied).toEqual([
      { host: "model.sandbox", port: 80, reason: "this path of it is not offered" },
    ]);
  });

  it("shows the certificates of the machine and not its private keys", async () => {
    await using at = await place();
    const { stdout } = await at.sh("ls /etc/ssl; ls /etc/ssl/private /etc/pki/tls/private");
    expect(stdout).toContain("certs");
    expect(stdout).not.toMatch(/private|\.key/u);
  });

  it("says what it refused", async () => {
    await using at = await place();
    const hosts = [{ host: "allowed.example.org", port: 443 }];
    await at.sh("curl -s https://allowed.example.org.evil.example.org/", { hosts });
    expect(at.denied).toEqual([
      {
        host: "allowed.example.org.evil.example.org",
        port: 443,
        reason: expect.any(String) as string,
      },
    ]);
  });

  it("goes on with its own work when the way out dies, and asks in vain at once", async () => {
    await using at = await place();
    const hosts = [{ host: "allowed.example.org", port: 443 }];
    const ask = "curl -sS https://allowed.example.org/";
    const kill =
      "for each in /proc/[0-9]*; do grep -qxE 'socat|node|MainThread' $each/comm && kill -9 ${each#/proc/}; done";
    const script = `${kill} 2>/dev/null; ${ask}; echo asked $?; echo made > made`;
    const { code, stdout, stderr } = await at.sh(script, { hosts });
    expect([code, stdout]).toEqual([0, "asked 7\n"]);
    expect(stderr).toContain("Failed to connect to 127.0.0.1 port 3128");
    expect(await readdir(at.workspace)).toEqual(["made"]);
  });

  it("has a loopback of its own, on which a server of the agent's works", async () => {
    await using at = await place();
    const serve = `require("http").createServer((q,s)=>s.end("own")).listen(8000,"127.0.0.1")`;
    const ask = "while ! curl -s http://127.0.0.1:8000; do sleep 0.05; done";
    const { stdout } = await at.sh(`node -e '${serve}' & ${ask}`, {
      hosts: [{ host: "example.org", port: 443 }],
    });
    expect(stdout).toBe("own");
  });

  it("bounds processes and single files", async () => {
    await using at = await place();
    const limits = {
      memoryBytes: null,
      cpus: null,
      processes: 32,
      fileBytes: 1024 * 1024,
      diskBytes: null,
      files: null,
    };
    const many = "i=0; while [ $i -lt 60 ]; do sleep 5 & i=$((i+1)); done 2>&1 | head -1";
    const { stdout } = await at.sh(`${many}; head -c 3000000 /dev/zero > big; wc -c < big`, {
      limits,
    });
    expect(stdout).toMatch(/fork/iu);
    expect((await stat(join(at.workspace, "big"))).size).toBe(1024 * 1024);
  });

  it("leaves nothing of itself on the machine", async () => {
    const mine = async (): Promise<readonly string[]> =>
      (await readdir(tmpdir())).filter((name) => name.startsWith(`sle-run-${process.pid}-`));
    await using at = await place();
    const before = await Promise.all((await mine()).map((name) => readdir(join(tmpdir(), name))));
    await at.sh("true", { hosts: [{ host: "example.org", port: 443 }] });
    await until(async () => {
      const now = await Promise.all((await mine()).map((name) => readdir(join(tmpdir(), name))));
      return JSON.stringify(now) === JSON.stringify(before) ? true : null;
    });
    expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain("sle-run-");
  });

  it("makes a workspace that is a link no one's but the link's", async () => {
    await using at = await place();
    const elsewhere = join(at.path, "elsewhere");
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, "theirs"), "");
    await symlink(elsewhere, join(at.workspace, "link"));
    await at.sh("true");
    expect((await lstat(join(elsewhere, "theirs"))).uid).toBe(process.getuid?.());
  });
});

describe("what fences are made of", () => {
  const LIMITS = {
    memoryBytes: 2 ** 30,
    cpus: null,
    processes: null,
    fileBytes: null,
    diskBytes: null,
    files: null,
  };

  function open(folder: string, groups: Groups | null) {
    const run = makeRunFolder({
      temporary: folder,
      pid: process.pid,
      isAlive: () => true,
      filter: Buffer.alloc(8),
      pinnedFilter: Buffer.alloc(8),
      etc: INSIDE,
    });
    const fence = makeFence({
      bwrap: "/usr/bin/bwrap",
      isRoot: false,
      can: { disableUserNamespaces: true },
      groups,
      measure: () => Promise.resolve(null),
      run,
      nodeExecutable: process.execPath,
      privateAllowed: [],
    });
    const wrap = (workspace: string): Wrapped =>
      fence.wrap({
        command: "/bin/true",
        args: [],
        cwd: workspace,
        env: {},
        mark: "m",
        confinement: confineTo(
          { workspace },
          { limits: LIMITS, hosts: [{ host: "example.org", port: 443 }] },
        ),
      });
    return { run, wrap };
  }

  it("memory is limited for each program where no group limits the whole", async () => {
    await using folder = await temporaryFolder();
    const group = { files: [], endedForMemory: () => 0, remove: async () => {} };
    for (const groups of [null, { can: ["memory"], make: () => group } satisfies Groups]) {
      const { run, wrap } = open(folder.path, groups);
      const wrapped = wrap(folder.path);
      for (const file of wrapped.files ?? []) closeSync(file);
      wrapped.onEnd?.();
      expect(wrapped.args.includes(`--data=${2 ** 30}`)).toBe(groups === null);
      run[Symbol.dispose]();
    }
  });

  it("what was opened for a tree that cannot start is closed again", async () => {
    await using folder = await temporaryFolder();
    let removed = 0;
    const group = {
      files: [],
      endedForMemory: () => 0,
      remove: async () => void (removed += 1),
    };
    const { run, wrap } = open(folder.path, { can: ["memory"], make: () => group });
    const before = await readdir(join(run.stage, ".."));
    const link = join(folder.path, "link");
    await symlink("/", link);
    expect(() => wrap(link)).toThrow("is a symbolic link");
    expect(removed).toBe(1);
    const names = (): Promise<readonly string[]> => readdir(join(run.stage, ".."));
    await until(async () => ((await names()).length === before.length ? true : null));
    run[Symbol.dispose]();
  });
});

describe("where there is no sandbox", () => {
  it("says that bubblewrap is not installed, and how to get it", async () => {
    expect(await openSandbox({ searchPath: "/nowhere", temporary: tmpdir() })).toEqual({
      ok: false,
      reason: "bubblewrap is not installed.",
      advice: "Install bubblewrap: `sudo apt install bubblewrap`, or your system's way.",
    });
  });

  it.each([
    ["echo bubblewrap 0.4.1", /bwrap is version 0\.4; 0\.8 or newer is needed\./u],
    ["exit 3", /bwrap does not tell its version; 0\.8 or newer is needed\./u],
    [
      'if [ "$1" = --version ]; then echo bubblewrap 0.9.0; else echo "bwrap: setting up uid map: Permission denied" >&2; exit 1; fi',
      /bubblewrap does not work here: bwrap: setting up uid map: Permission denied\./u,
    ],
  ])("says why one that says %j does not serve", async (script, reason) => {
    await using folder = await temporaryFolder();
    const bwrap = join(folder.path, "bwrap");
    await writeFile(bwrap, `#!/bin/sh\n${script}\n`);
    await chmod(bwrap, 0o755);
    await chmod(folder.path, 0o755);
    const opened = await openSandbox({ searchPath: folder.path, temporary: tmpdir() });
    expect(opened).toEqual({
      ok: false,
      reason: expect.stringMatching(reason) as string,
      advice: expect.stringMatching(/\.$/u) as string,
    });
  });
});

describe("what of this machine is seen inside", () => {
  it("never is the folder around our own Node", async () => {
    await using folder = await temporaryFolder();
    const node = join(folder.path, "bin", "node");
    await mkdir(join(folder.path, "bin"));
    await writeFile(node, "");
    await writeFile(join(folder.path, "secret"), "");
    expect(nodePlaces(node)).toEqual({
      readable: [{ from: node, at: "/opt/node/bin/node" }],
      links: [],
    });
  });

  it("is a program of the person's, and none of the system's again", async () => {
    await using folder = await temporaryFolder();
    const program = join(folder.path, randomUUID());
    await symlink("/usr/bin/env", program);
    expect(programPlaces(program)).toEqual([program]);
    expect(programPlaces("/bin/sh")).toEqual([]);
    expect(programPlaces(join(folder.path, "gone"))).toEqual([]);
  });
});
