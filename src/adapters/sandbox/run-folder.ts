import { randomUUID } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { syntheticEtc } from "./etc.ts";

/** Files of this process that fenced trees are started with. */
export interface RunFolder extends Disposable {
  /** Each made-up file of /etc, and where it is on the host. */
  readonly etc: readonly { readonly name: string; readonly path: string }[];
  /** Opens the system call filter afresh, or that for pinned trees; the caller closes it. */
  readonly openFilter: (isPinned: boolean) => number;
  /** An empty file that anyone may read. */
  readonly nothing: string;
  /** Opens a file with these words, which has no name any more; the caller closes it. */
  readonly openWords: (words: readonly string[]) => number;
  /** An empty folder that every user may pass to. */
  readonly stage: string;
  /** Where the filter lies. */
  readonly filterPath: string;
  /** A path where nothing is yet; short, as paths of sockets must be. */
  readonly freshPath: () => string;
}

const PREFIX = "sle-run-";

/** Makes the folder below `temporary` and removes those of processes that are gone. */
export function makeRunFolder(parts: {
  readonly temporary: string;
  readonly pid: number;
  readonly isAlive: (pid: number) => boolean;
  readonly filter: Buffer;
  /** For trees that are kept to some of the processors; absent where none is. */
  readonly pinnedFilter?: Buffer;
  readonly etc: Parameters<typeof syntheticEtc>[0];
}): RunFolder {
  const { temporary, pid } = parts;
  sweep(temporary, parts.isAlive);
  const path = mkdtempSync(join(temporary, `${PREFIX}${pid}-`));
  // What is in it has permissions of its own.
  chmodSync(path, 0o711);
  mkdirSync(join(path, "stage"));
  const nothing = join(path, "nothing");
  writeFileSync(nothing, "", { mode: 0o444 });
  writeFileSync(join(path, "filter"), parts.filter);
  writeFileSync(join(path, "pinned-filter"), parts.pinnedFilter ?? parts.filter);
  mkdirSync(join(path, "etc"));
  const etc = Object.entries(syntheticEtc(parts.etc)).map(([name, text]) => {
    const file = join(path, "etc", name);
    writeFileSync(file, text, { mode: 0o644 });
    return { name, path: file };
  });
  return {
    etc,
    stage: join(path, "stage"),
    openFilter: (isPinned) => openSync(join(path, isPinned ? "pinned-filter" : "filter"), "r"),
    nothing,
    openWords: (words) => {
      // The words are told apart by it: one that holds it would be several.
      if (words.some((word) => word.includes("\0"))) throw new Error("A word holds a NUL.");
      const file = join(path, randomUUID());
      writeFileSync(file, words.map((word) => `${word}\0`).join(""), { mode: 0o600 });
      const opened = openSync(file, "r");
      rmSync(file);
      return opened;
    },
    filterPath: join(path, "filter"),
    freshPath: () => join(path, randomUUID().slice(0, 8)),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Only what is surely ours: in a folder that all users share, anyone may have made such a name. */
function sweep(temporary: string, isAlive: (pid: number) => boolean): void {
  for (const name of readdirSync(temporary)) {
    const pid = Number(/^sle-run-(\d+)-/u.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    const path = join(temporary, name);
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory() !== true || stats.uid !== process.getuid?.()) continue;
    rmSync(path, { recursive: true, force: true });
  }
}
