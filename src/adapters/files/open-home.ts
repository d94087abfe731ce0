import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, normalize, parse } from "node:path";
import { homeLayout, type HomeLayout } from "./home-layout.ts";
import { codeOf } from "./system-error.ts";

/** Why a home cannot be used; `message` is a sentence that says what to do. */
export interface HomeProblem {
  readonly kind:
    | "odd-path"
    | "missing-parent"
    | "in-the-way"
    | "not-a-home"
    | "exposed"
    | "read-only"
    | "full"
    | "broken";
  readonly message: string;
}

/** The home with its folders, or why it cannot be used. */
export type OpenedHome =
  | { readonly ok: true; readonly home: HomeLayout; readonly created: boolean }
  | { readonly ok: false; readonly problem: HomeProblem };

/** Longest path of a home in bytes: sockets and file names below it must still fit. */
const HOME_PATH_BYTES_MAX = 1024;
/** Written and removed again to see that the disk takes data. */
const PROBE_BYTES = 4096;
const PRIVATE_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

/** Thrown inside this file only, to leave many small steps at one place. */
class HomeRefused extends Error {
  readonly problem: HomeProblem;
  constructor(kind: HomeProblem["kind"], message: string) {
    super(message);
    this.problem = { kind, message };
  }
}

/**
 * Makes the home at `path`, or completes the one that is there, and proves that it can be written.
 * A fresh home and its `data` folder are closed to other people (0700). Never throws for what is
 * wrong with the path or the disk. Synchronous: it runs once, before anything else can.
 */
export function openHome(path: string): OpenedHome {
  try {
    refuseOddPath(path);
    const home = homeLayout(normalize(path).replace(/(?<=.)\/+$/u, ""));
    const created = makeRoot(home.path);
    if (!created) refuseForeignRoot(home);
    makeFolders(home);
    proveWritable(home);
    return { ok: true, home, created };
  } catch (error) {
    if (error instanceof HomeRefused) return { ok: false, problem: error.problem };
    return { ok: false, problem: problemOf(path, error) };
  }
}

function refuseOddPath(path: string): void {
  const refuse = (why: string): never => {
    const shown = JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}…` : path);
    throw new HomeRefused("odd-path", `${shown} cannot be the home: ${why}.`);
  };
  if (path === "") refuse("it is empty; set SLEEPLESS_HOME to an absolute path");
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f\ufffd]/u.test(path)) {
    refuse("it holds a control character or one that is not valid text; choose a plain path");
  }
  if (!isAbsolute(path)) refuse("it is not absolute; write the whole path from / on");
  if (parse(normalize(path)).root === normalize(path)) refuse("it is the root of the file system");
  if (Buffer.byteLength(path) > HOME_PATH_BYTES_MAX) {
    refuse(`it is longer than ${HOME_PATH_BYTES_MAX} bytes; choose a shorter one`);
  }
}

/** True when the folder was made now. */
function makeRoot(path: string): boolean {
  const before = statOrNull(path);
  if (before !== null) {
    refuseWhatIsNoFolder(path, before);
    return false;
  }
  const parent = dirname(path);
  const parentStat = statOrNull(parent);
  if (parentStat === null) {
    const message = `The home ${path} cannot be made: its parent folder ${parent} does not exist; make that first.`;
    throw new HomeRefused("missing-parent", message);
  }
  refuseWhatIsNoFolder(parent, parentStat);
  return made(path, PRIVATE_MODE);
}

function refuseForeignRoot(home: HomeLayout): void {
  const { mode } = statSync(home.path);
  if ((mode & WRITABLE_BY_OTHERS) !== 0) {
    const message = `Other people can write to the home ${home.path}; run \`chmod go-w ${home.path}\` or choose another folder.`;
    throw new HomeRefused("exposed", message);
  }
  const ours = new Set(Object.values(home).map((path) => basename(path)));
  const visible = readdirSync(home.path).filter((name) => !name.startsWith("."));
  if (visible.includes("data") || visible.every((name) => ours.has(name))) return;
  const message = `${home.path} is in use for something else (it holds ${visible.find((name) => !ours.has(name))}); choose an empty folder for the home.`;
  throw new HomeRefused("not-a-home", message);
}

function makeFolders(home: HomeLayout): void {
  for (const path of [
    home.data,
    home.results,
    home.reports,
    home.logs,
    home.repositories,
    home.sessions,
  ]) {
    makeFolder(path, PRIVATE_MODE);
  }
  for (const path of [home.tasks, home.projects, home.shared, home.trash]) makeFolder(path, 0o755);
  if ((statSync(home.data).mode & 0o077) !== 0) chmodSync(home.data, PRIVATE_MODE);
}

function makeFolder(path: string, mode: number): void {
  const before = statOrNull(path);
  if (before === null) made(path, mode);
  else refuseWhatIsNoFolder(path, before);
}

/** False when another process made the folder in the same moment. */
function made(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function refuseWhatIsNoFolder(path: string, found: Stats): void {
  if (found.isDirectory()) return;
  const message = `${path} is in the way: a folder is needed there; move it aside or choose another home.`;
  throw new HomeRefused("in-the-way", message);
}

/** Null when nothing is there; a link that leads nowhere is something in the way. */
function statOrNull(path: string): Stats | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found ?? lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (codeOf(error) === "ENOTDIR") return null;
    throw error;
  }
}

function proveWritable(home: HomeLayout): void {
  const probe = join(home.data, `.probe-${process.pid}`);
  try {
    const file = openSync(probe, "w", 0o600);
    try {
      writeSync(file, Buffer.alloc(PROBE_BYTES, 1));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } finally {
    rmSync(probe, { force: true });
  }
}

function problemOf(path: string, error: unknown): HomeProblem {
  const code = codeOf(error) ?? "";
  const known = SYSTEM_PROBLEMS[code];
  if (known !== undefined) return { kind: known.kind, message: known.tell(path, code) };
  const detail = error instanceof Error ? error.message : String(error);
  return { kind: "broken", message: `The home ${path} cannot be used: ${detail}.` };
}

interface SystemProblem {
  readonly kind: HomeProblem["kind"];
  readonly tell: (path: string, code: string) => string;
}

const UNWRITABLE: SystemProblem = {
  kind: "read-only",
  tell: (path, code) =>
    `The home ${path} cannot be written (${code}); give yourself write access or choose another with SLEEPLESS_HOME.`,
};
const FULL: SystemProblem = {
  kind: "full",
  tell: (path, code) =>
    `The disk of the home ${path} is full (${code}); free some space and start again.`,
};
const UNREACHABLE: SystemProblem = {
  kind: "odd-path",
  tell: (path, code) => `${path} cannot be the home (${code}); choose a shorter, plain path.`,
};

/** What the system's refusals mean for a home. */
const SYSTEM_PROBLEMS: Readonly<Record<string, SystemProblem>> = {
  EROFS: UNWRITABLE,
  EACCES: UNWRITABLE,
  EPERM: UNWRITABLE,
  ENOSPC: FULL,
  EDQUOT: FULL,
  ENAMETOOLONG: UNREACHABLE,
  ELOOP: UNREACHABLE,
};
