import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Where lines go and how much they may take: at most `filesMax` times `fileBytesMax`. */
export interface RotatingFileOptions {
  /** The newest file; older ones are `<path>.1`, `<path>.2` and so on. */
  readonly path: string;
  readonly fileBytesMax: number;
  readonly filesMax: number;
}

/** A file of lines with a hard bound. */
export interface RotatingFile extends Disposable {
  /** Appends one line, newline included. Never throws: a line that cannot be written is counted as lost. */
  readonly write: (line: string) => void;
  /** Lines lost since the last call. */
  readonly takeLost: () => number;
}

/** Opens the file for appending; throws when that is impossible. Synchronous: a line written is in the file. */
export function rotatingFile(options: RotatingFileOptions): RotatingFile {
  removeSurplus(options);
  let file: number | null = openAppend(options.path);
  let lost = 0;

  function append(line: Buffer): void {
    if (line.length > options.fileBytesMax)
      throw new Error("The line is larger than a file may be");
    file ??= openAppend(options.path);
    if (fstatSync(file).size + line.length > options.fileBytesMax) file = rotate(options, file);
    writeAll(file, line);
  }

  function close(): void {
    if (file !== null) closeSync(file);
    file = null;
  }

  return {
    write: (line) => {
      try {
        append(Buffer.from(line));
      } catch {
        // A full or vanished disk must not stop the work; the next line tries anew.
        lost += 1;
        tryTo(close);
        file = null;
      }
    },
    takeLost: () => {
      const taken = lost;
      lost = 0;
      return taken;
    },
    [Symbol.dispose]: close,
  };
}

/** The fresh file. When another process has rotated already, its fresh file is used. */
function rotate(options: RotatingFileOptions, file: number): number {
  const isNewest = isSame(fstatSync(file), statSync(options.path, { throwIfNoEntry: false }));
  closeSync(file);
  if (isNewest) moveOn(options);
  return openAppend(options.path);
}

function moveOn({ path, filesMax }: RotatingFileOptions): void {
  rmSync(numbered(path, filesMax - 1), { force: true });
  for (let number = filesMax - 2; number >= 0; number -= 1) {
    tryTo(() => {
      renameSync(numbered(path, number), numbered(path, number + 1));
    });
  }
}

/** Files beyond the bound, left by an earlier, larger one. */
function removeSurplus({ path, filesMax }: RotatingFileOptions): void {
  const prefix = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (/^\d+$/u.test(number) && Number(number) >= filesMax) {
      rmSync(join(dirname(path), name), { force: true });
    }
  }
}

function numbered(path: string, number: number): string {
  return number === 0 ? path : `${path}.${number}`;
}

function openAppend(path: string): number {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;
  return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
}

function writeAll(file: number, line: Buffer): void {
  let written = 0;
  while (written < line.length) written += writeSync(file, line, written);
}

function isSame(a: Stats, b: Stats | undefined): boolean {
  return a.ino === b?.ino && a.dev === b.dev;
}

function tryTo(action: () => void): void {
  try {
    action();
  } catch {
    // What is missing or already closed needs nothing more.
  }
}
