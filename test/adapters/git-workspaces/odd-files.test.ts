import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { git, inside, setup, writeFiles } from "./setup.ts";

const REF = "refs/sleepless/keep/7/1";

test("odd names are names like any other", async () => {
  using bundle = setup();
  const { path } = await bundle.workspaces.open(7, null, bundle.signal);
  const names = [
    "-rf",
    "--cached",
    "new\nline",
    "tab\there",
    'quote"s',
    "back\\slash",
    " space ",
    ":(exclude)x",
    "*",
    "größe🌙",
    "a".repeat(255),
  ];
  for (const name of names) writeFileSync(join(path, name), "x\n");
  writeFiles(join(path, "-d/new\nfolder"), { "-f": "x\n" });
  const latin = Buffer.concat([Buffer.from(`${path}/latin-`), Buffer.from([0xe9, 0xff])]);
  writeFileSync(latin, "x\n");
  const { changed } = await bundle.workspaces.keep(7, 1, null, bundle.signal);
  const paths = changed.map((change) => change.path).toSorted((a, b) => (a < b ? -1 : 1));
  const expected = [...names, "-d/new\nfolder/-f", "latin-\ufffd\ufffd"];
  expect(paths).toEqual(expected.toSorted((a, b) => (a < b ? -1 : 1)));
  const into = join(bundle.root, "restored");
  await bundle.workspaces.restoreKept(REF, null, into, bundle.signal);
  const bytes = execFileSync("ls", [into], { encoding: "latin1" });
  expect(bytes).toContain("latin-\u00e9\u00ff\n");
});

test("links that lead out of the tree are told, and stored as they are", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject();
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  writeFiles(path, { "deep/x.txt": "x\n" });
  symlinkSync("/etc/passwd", join(path, "absolute"));
  symlinkSync("../../x", join(path, "deep/up"));
  symlinkSync("../a.txt", join(path, "deep/inside"));
  const { odd, commit } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  expect(odd).toEqual([
    { path: "absolute", what: "link" },
    { path: "deep/up", what: "link" },
  ]);
  expect(inside(bundle, "app", "show", `${commit}:absolute`)).toBe("/etc/passwd");
});

test("names that git takes for its own are left out and told", async () => {
  using bundle = setup();
  const { path } = await bundle.workspaces.open(7, null, bundle.signal);
  writeFiles(path, { "git~1/config": "x\n", "good.txt": "y\n" });
  const kept = await bundle.workspaces.keep(7, 1, null, bundle.signal);
  expect([kept.changed, kept.leftOut]).toEqual([
    [{ status: "A", path: "good.txt" }],
    [{ path: "git~1/config", reason: "unnamable" }],
  ]);
});

test("links are kept as links, whatever they lead to; nothing behind them is read", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "dir/a.txt": "one\n", "b.txt": "two\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  const outside = join(bundle.root, "outside");
  writeFiles(outside, { "a.txt": "canary\n", "more.txt": "canary\n" });
  rmSync(join(path, "dir"), { recursive: true });
  symlinkSync(outside, join(path, "dir"));
  rmSync(join(path, "b.txt"));
  symlinkSync("/etc/passwd", join(path, "b.txt"));
  symlinkSync("nowhere", join(path, "dangling"));
  const { changed } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  expect(changed).toEqual([
    { status: "M", path: "b.txt" },
    { status: "A", path: "dangling" },
    { status: "A", path: "dir" },
    { status: "D", path: "dir/a.txt" },
  ]);
  expect(inside(bundle, "app", "show", `${REF}:dir`)).toBe(outside);
  expect(inside(bundle, "app", "rev-list", "--objects", REF)).not.toContain("more.txt");
});

test("pipes, sockets and devices are no files, also in the place of one", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n", "b.txt": "two\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  execFileSync("mkfifo", [join(path, "pipe")]);
  rmSync(join(path, "a.txt"));
  execFileSync("mkfifo", [join(path, "a.txt")]);
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(join(path, "socket"), resolve);
  });
  try {
    const { changed } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
    expect(changed).toEqual([{ status: "D", path: "a.txt" }]);
  } finally {
    server.close();
  }
});

test("a file becomes a folder, a folder a file, a program loses its right to run", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ file: "1\n", "folder/x": "2\n", "run.sh": "3\n" });
  chmodSync(join(project.location, "run.sh"), 0o755);
  git(project.location, "commit", "-q", "-a", "-m", "mode");
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  rmSync(join(path, "file"));
  writeFiles(path, { "file/y": "4\n" });
  rmSync(join(path, "folder"), { recursive: true });
  writeFiles(path, { folder: "5\n" });
  chmodSync(join(path, "run.sh"), 0o644);
  const { changed } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  expect(changed).toEqual([
    { status: "D", path: "file" },
    { status: "A", path: "file/y" },
    { status: "A", path: "folder" },
    { status: "D", path: "folder/x" },
    { status: "M", path: "run.sh" },
  ]);
});

test("huge files are left out and told; a tracked one keeps the state it had", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n", "b.txt": "two\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  for (const name of ["a.txt", "core.dump"]) {
    writeFileSync(join(path, name), "x");
    truncateSync(join(path, name), 101 * 1024 * 1024);
  }
  writeFileSync(join(path, "b.txt"), "new\n");
  const kept = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  expect([kept.changed, kept.leftOut]).toEqual([
    [{ status: "M", path: "b.txt" }],
    [
      { path: "a.txt", reason: "too-large" },
      { path: "core.dump", reason: "too-large" },
    ],
  ]);
});

test("ignored files stay out, changes of tracked ones stay in whatever is ignored", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n", ".gitignore": "node_modules/\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  writeFiles(path, {
    "node_modules/x/index.js": "x\n",
    ".gitignore": "node_modules/\n*.txt\n",
    "a.txt": "changed\n",
    "b.txt": "ignored\n",
    "c.md": "new\n",
  });
  const { changed } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  expect(changed).toEqual([
    { status: "M", path: ".gitignore" },
    { status: "M", path: "a.txt" },
    { status: "A", path: "c.md" },
  ]);
});

test("line endings are those of the project; an encoding that fails costs no file", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({
    ".gitattributes": "*.txt text eol=crlf\n",
    "a.txt": "one\n",
  });
  const first = await bundle.workspaces.open(7, project, bundle.signal);
  expect((await bundle.workspaces.keep(7, 1, project, bundle.signal)).changed).toEqual([]);
  writeFileSync(join(first.path, "b.txt"), "new\r\n");
  await bundle.workspaces.keep(7, 1, project, bundle.signal);
  expect(inside(bundle, "app", "show", `${REF}:b.txt`)).toBe("new");
  writeFiles(first.path, {
    ".gitattributes": "*.bad working-tree-encoding=UTF-16\n*.none working-tree-encoding=nonsense\n",
    "x.bad": "odd",
    "y.none": "z\n",
  });
  const { changed } = await bundle.workspaces.keep(7, 2, project, bundle.signal);
  expect(changed.map(({ path }) => path)).toEqual(expect.arrayContaining(["x.bad", "y.none"]));
  expect(inside(bundle, "app", "show", "refs/sleepless/keep/7/2:x.bad")).toBe("odd");
});

test("a change that keeps size and time of a file is seen all the same", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  execFileSync(
    "sh",
    [
      "-c",
      "touch -r a.txt ../stamp && printf 'two\\n' > new && mv new a.txt && touch -r ../stamp a.txt",
    ],
    { cwd: path },
  );
  const { changed } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  expect(changed).toEqual([{ status: "M", path: "a.txt" }]);
});

test("twenty thousand new files are kept and told", async () => {
  using bundle = setup();
  const { path } = await bundle.workspaces.open(7, null, bundle.signal);
  for (let folder = 0; folder < 100; folder += 1) {
    mkdirSync(join(path, `d${folder}`));
    for (let file = 0; file < 200; file += 1) {
      writeFileSync(join(path, `d${folder}`, `${file}.txt`), `${folder} ${file}\n`);
    }
  }
  const kept = await bundle.workspaces.keep(7, 1, null, bundle.signal);
  expect([kept.changed.length, kept.insertions, kept.deletions]).toEqual([20_000, 20_000, 0]);
  expect(kept.leftOut).toBeUndefined();
});

test("a repository moved away after the work began does not matter to what is kept", async () => {
  using bundle = setup();
  const project = bundle.repositoryProject({ "a.txt": "one\n" });
  const { path } = await bundle.workspaces.open(7, project, bundle.signal);
  renameSync(project.location, `${project.location}-moved`);
  writeFileSync(join(path, "a.txt"), "x\n");
  const { changed } = await bundle.workspaces.keep(7, 1, project, bundle.signal);
  expect(changed).toEqual([{ status: "M", path: "a.txt" }]);
  expect((await bundle.workspaces.open(7, project, bundle.signal)).reused).toBe(true);
});
