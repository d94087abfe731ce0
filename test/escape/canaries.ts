import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Where the parts of a world lie. */
export interface Places {
  readonly base: string;
  readonly home: string;
  readonly project: string;
  readonly state: string;
  readonly tasks: string;
  readonly workspace: string;
  readonly otherTask: string;
  readonly shared: string;
  readonly sockets: string;
  readonly database: string;
  /** What another program left in the system's temporary folder, and in its shared memory. */
  readonly temporaryFile: string;
  readonly memoryFile: string;
}

/** The places of a world below a base. */
export function placesIn(base: string, id: string): Places {
  const state = join(base, "state");
  const tasks = join(state, "tasks");
  return {
    base,
    home: join(base, "home"),
    project: join(base, "home", "project"),
    state,
    tasks,
    workspace: join(tasks, "1"),
    otherTask: join(tasks, "2"),
    shared: join(state, "shared"),
    sockets: join(base, "run"),
    database: join(state, "tasks.db"),
    temporaryFile: `/tmp/escape-${id}.txt`,
    memoryFile: `/dev/shm/escape-${id}`,
  };
}

/** Writes every canary afresh, each with a secret of its own; what was planted among them goes. */
export function writeCanaries(places: Places, secretOf: (name: string) => string): void {
  const { home, project, state, otherTask, shared, sockets } = places;
  for (const folder of [home, otherTask, shared]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(sockets, { recursive: true });
  const files: Readonly<Record<string, string>> = {
    [join(home, ".ssh/id_ed25519")]: secretOf("ssh key"),
    [join(home, ".claude/.credentials.json")]: secretOf("agent credentials"),
    [join(home, ".claude/settings.json")]: "{}",
    [join(home, ".claude/CLAUDE.md")]: "# Nothing\n",
    [join(home, ".npmrc")]: secretOf("package token"),
    [join(home, ".git-credentials")]: secretOf("git credentials"),
    [join(home, ".bash_history")]: secretOf("shell history"),
    [join(home, ".bashrc")]: "# nothing\n",
    [join(home, ".profile")]: "# nothing\n",
    [join(home, ".zshenv")]: "# nothing\n",
    [join(home, ".gitconfig")]: "[user]\n",
    [join(home, ".local/bin/tool")]: `#!/bin/sh\necho ${secretOf("owner's script")}\n`,
    [join(home, ".npm/_cacache/entry")]: "entry\n",
    [join(home, ".config/systemd/user/.keep")]: "",
    [join(project, "private.txt")]: secretOf("project source"),
    [join(project, "node_modules/dependency/index.js")]: "// nothing\n",
    [join(project, ".git/config")]: "[core]\n",
    [join(project, ".git/hooks/.keep")]: "",
    [join(otherTask, "private.txt")]: secretOf("other task"),
    [join(shared, "notes.txt")]: "shared notes\n",
    [join(state, "configuration.yaml")]: secretOf("configuration"),
    [places.database]: secretOf("database"),
    [places.temporaryFile]: secretOf("temporary file"),
    [places.memoryFile]: secretOf("memory file"),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  chmodSync(join(home, ".local/bin/tool"), 0o755);
}

/** Every file outside of the workspace with its kind, mode and content. */
export function snapshot(places: Places): ReadonlyMap<string, string> {
  const seen = new Map<string, string>();
  const look = (path: string): void => {
    if (path === places.workspace || path === places.sockets) return;
    const stats = lstatSync(path);
    const kind = `${(stats.mode & 0o177777).toString(8)} ${stats.uid}`;
    if (stats.isDirectory()) {
      seen.set(path, kind);
      for (const name of readdirSync(path)) look(join(path, name));
    } else if (stats.isSymbolicLink()) seen.set(path, `${kind} ${readlinkSync(path)}`);
    else seen.set(path, stats.isFile() ? `${kind} ${readFileSync(path, "latin1")}` : kind);
  };
  for (const path of [places.base, places.temporaryFile, places.memoryFile]) {
    if (existsSync(path)) look(path);
  }
  return seen;
}

/** The first file in which two snapshots differ. */
export function difference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): string | null {
  for (const [path, content] of after) {
    if (before.get(path) !== content) return `${path} ${before.has(path) ? "changed" : "appeared"}`;
  }
  const gone = [...before.keys()].find((path) => !after.has(path));
  return gone === undefined ? null : `${gone} is gone`;
}

/** Empties a folder, also of what has no permissions or lies deeper than a path may be long. */
export function emptyFolder(folder: string): void {
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    rmSync(folder, { force: true });
    mkdirSync(folder, { recursive: true });
  }
  const below = (parent: Buffer): readonly Buffer[] =>
    readdirSync(parent, { encoding: "buffer" }).map((name) =>
      Buffer.concat([parent, Buffer.from("/"), name]),
    );
  const top = Buffer.from(folder);
  let moved = 0;
  for (let all = below(top); all.length > 0; all = below(top)) {
    for (const path of all) {
      if (!lstatSync(path).isDirectory()) {
        rmSync(path);
        continue;
      }
      chmodSync(path, 0o700);
      for (const inner of below(path)) {
        const isFolder = lstatSync(inner).isDirectory();
        if (isFolder) chmodSync(inner, 0o700);
        if (isFolder) renameSync(inner, join(folder, `moved-${(moved += 1)}`));
        else rmSync(inner);
      }
      rmdirSync(path);
    }
  }
}
