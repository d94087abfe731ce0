import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A living process that carries a mark of ours. */
export interface MarkedProcess {
  readonly pid: number;
  readonly mark: string;
  /** The program it runs; null when it may not be known. */
  readonly program: string | null;
}

const MARK = "SLEEPLESS_MARK=";

/** The living processes that carry one of these marks, read from /proc; zombies are dead. */
export function processesMarked(marks: ReadonlySet<string>): readonly MarkedProcess[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  return pids.flatMap((pid) => {
    const environment = read(`/proc/${pid}/environ`).split("\0");
    const mark = environment.find((entry) => entry.startsWith(MARK))?.slice(MARK.length);
    if (mark === undefined || !marks.has(mark) || isZombie(pid)) return [];
    return [{ pid: Number(pid), mark, program: programOf(pid) }];
  });
}

/** True while this process lives and carries its mark. */
export function isAlive({ pid, mark }: MarkedProcess): boolean {
  const environment = read(`/proc/${pid}/environ`).split("\0");
  return environment.includes(`${MARK}${mark}`) && !isZombie(String(pid));
}

function isZombie(pid: string): boolean {
  const stat = read(`/proc/${pid}/stat`);
  const state = stat.charAt(stat.lastIndexOf(")") + 2);
  return state === "" || state === "Z" || state === "X";
}

function programOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return null;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
