import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type OpenedHome, openHome } from "../../../src/adapters/files/open-home.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function setup(): { root: string; path: string } {
  const root = mkdtempSync(join(tmpdir(), "sle-home-"));
  folders.push(root);
  return { root, path: join(root, "home") };
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

test("a fresh home has every folder, and only its owner can look inside", () => {
  const { path } = setup();
  const opened = openHome(path);
  expect(opened).toEqual({
    ok: true,
    created: true,
    home: {
      path,
      config: `${path}/config.yaml`,
      templates: `${path}/templates`,
      tasks: `${path}/tasks`,
      projects: `${path}/projects`,
      shared: `${path}/shared`,
      trash: `${path}/trash`,
      data: `${path}/data`,
      database: `${path}/data/tasks.db`,
      results: `${path}/data/results`,
      reports: `${path}/data/reports`,
      logs: `${path}/data/logs`,
      sessions: `${path}/data/sessions`,
      repositories: `${path}/data/repositories`,
      registryCache: `${path}/data/cache/registries`,
    },
  });
  expect(readdirSync(path).toSorted()).toEqual(["data", "projects", "shared", "tasks", "trash"]);
  expect(readdirSync(`${path}/data`).toSorted()).toEqual([
    "logs",
    "reports",
    "repositories",
    "results",
    "sessions",
  ]);
  expect([modeOf(path), modeOf(`${path}/data`)]).toEqual(["700", "700"]);
});

test("opening again keeps what is there, completes it, and closes an open data folder", () => {
  const { path } = setup();
  openHome(path);
  writeFileSync(`${path}/tasks/note`, "kept");
  writeFileSync(`${path}/anything`, "a file of the owner");
  rmSync(`${path}/data/logs`, { recursive: true });
  chmodSync(`${path}/data`, 0o755);
  const opened = openHome(`${path}/`);
  expect(opened).toMatchObject({ ok: true, created: false, home: { path } });
  expect(existsSync(`${path}/tasks/note`)).toBe(true);
  expect(existsSync(`${path}/data/logs`)).toBe(true);
  expect(modeOf(`${path}/data`)).toBe("700");
});

test("a folder that holds only a configuration or hidden files becomes a home", () => {
  const { path } = setup();
  mkdirSync(path, { mode: 0o700 });
  writeFileSync(`${path}/config.yaml`, "");
  writeFileSync(`${path}/.env`, "");
  expect(openHome(path)).toMatchObject({ ok: true, created: false });
});

function refused(path: string): unknown {
  const opened = openHome(path);
  return opened.ok ? "opened" : [opened.problem.kind, opened.problem.message];
}

describe("a clear refusal", () => {
  test.each([
    ["", "it is empty; set SLEEPLESS_HOME to an absolute path"],
    ["some/where", "it is not absolute; write the whole path from / on"],
    ["~/home", "it is not absolute; write the whole path from / on"],
    ["/", "it is the root of the file system"],
    ["/tmp/..", "it is the root of the file system"],
    [
      "/tmp/a\nb",
      "it holds a control character or one that is not valid text; choose a plain path",
    ],
    [
      "/tmp/a\0b",
      "it holds a control character or one that is not valid text; choose a plain path",
    ],
  ])("of the odd path %j", (path, why) => {
    expect(refused(path)).toEqual([
      "odd-path",
      `${JSON.stringify(path)} cannot be the home: ${why}.`,
    ]);
  });

  test("of a path that is too long", () => {
    expect(refused(`/${"a".repeat(1100)}`)).toEqual([
      "odd-path",
      `"/${"a".repeat(79)}…" cannot be the home: it is longer than 1024 bytes; choose a shorter one.`,
    ]);
    expect(refused(`/tmp/${"a".repeat(300)}`)).toMatchObject(["odd-path", /ENAMETOOLONG/u]);
  });

  test("of a missing parent", () => {
    const { root } = setup();
    expect(refused(`${root}/no/home`)).toEqual([
      "missing-parent",
      `The home ${root}/no/home cannot be made: its parent folder ${root}/no does not exist; make that first.`,
    ]);
  });

  test("of a file, or a link to nowhere, in the way of the home, its parent or a part of it", () => {
    const { root, path } = setup();
    const inTheWay = (at: string): unknown => [
      "in-the-way",
      `${at} is in the way: a folder is needed there; move it aside or choose another home.`,
    ];
    writeFileSync(path, "");
    expect(refused(path)).toEqual(inTheWay(path));
    expect(refused(`${path}/below`)).toEqual(inTheWay(path));
    const second = join(root, "second");
    mkdirSync(`${second}/data`, { recursive: true, mode: 0o700 });
    symlinkSync("/nowhere/at/all", `${second}/data/logs`);
    expect(refused(second)).toEqual(inTheWay(`${second}/data/logs`));
  });

  test("of a folder in use for something else", () => {
    const { path } = setup();
    mkdirSync(`${path}/projects`, { recursive: true, mode: 0o700 });
    mkdirSync(`${path}/Music`);
    expect(refused(path)).toEqual([
      "not-a-home",
      `${path} is in use for something else (it holds Music); choose an empty folder for the home.`,
    ]);
    expect(readdirSync(path).toSorted()).toEqual(["Music", "projects"]);
  });

  test("of a folder that others can write to", () => {
    const { path } = setup();
    mkdirSync(path);
    chmodSync(path, 0o777);
    expect(refused(path)).toEqual([
      "exposed",
      `Other people can write to the home ${path}; run \`chmod go-w ${path}\` or choose another folder.`,
    ]);
  });
});

/** Opens the home from a process of its own, behind a wrapper command that shapes what it can do. */
function openBehind(wrapper: readonly [string, ...string[]], path: string): OpenedHome {
  const program = `
    import { openHome } from ${JSON.stringify(new URL("../../../src/adapters/files/open-home.ts", import.meta.url).href)};
    console.log(JSON.stringify(openHome(${JSON.stringify(path)})));`;
  const [command, ...args] = [...wrapper, process.execPath, "--input-type=module", "-e", program];
  return JSON.parse(execFileSync(command, args, { encoding: "utf8", cwd: "/" })) as OpenedHome;
}

const sandbox: [string, ...string[]] = ["bwrap", "--dev-bind", "/", "/"];
const canSandbox = spawnSync("bwrap", [...sandbox.slice(1), "true"]).status === 0;

describe.runIf(canSandbox)("on a disk that refuses", () => {
  test("a read-only home is told apart from a missing one", () => {
    const { root, path } = setup();
    const message = `The home ${path} cannot be written (EROFS); give yourself write access or choose another with SLEEPLESS_HOME.`;
    const readOnly = { ok: false, problem: { kind: "read-only", message } };
    expect(openBehind([...sandbox, "--ro-bind", root, root], path)).toEqual(readOnly);
    openHome(path);
    expect(openBehind([...sandbox, "--ro-bind", root, root], path)).toEqual(readOnly);
  });

  test("a full disk is named as such", () => {
    const { root, path } = setup();
    const small: [string, ...string[]] = [...sandbox, "--size", "4096", "--tmpfs", root];
    const fill = ["sh", "-c", `head -c 4096 /dev/zero > ${root}/fill; exec "$@"`, "sh"];
    expect(openBehind([...small, ...fill], path)).toEqual({
      ok: false,
      problem: {
        kind: "full",
        message: `The disk of the home ${path} is full (ENOSPC); free some space and start again.`,
      },
    });
  });
});
