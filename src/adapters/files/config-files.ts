import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { writeWhole } from "./write-whole.ts";
import { codeOf } from "./system-error.ts";

/** Configuration files as found, in the order asked for. */
export interface ConfigFilesRead {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Files that are there but cannot be used; one sentence each. */
  readonly problems: readonly string[];
  /** What is unsafe though it works; one sentence each. */
  readonly warnings: readonly string[];
}

/** The largest configuration file that is read. */
export const CONFIG_FILE_BYTES_MAX: number = 1024 * 1024;

/** Reads those of `paths` that exist; a missing file is no problem. */
export function readConfigFiles(paths: readonly string[]): ConfigFilesRead {
  const files: { path: string; text: string }[] = [];
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const path of paths) {
    const read = readConfigFile(path);
    if (read === null) continue;
    if ("problem" in read) problems.push(read.problem);
    else files.push({ path, text: read.text });
    if ("exposed" in read && read.exposed) {
      warnings.push(`${path}: other people can change this file; run \`chmod go-w ${path}\`.`);
    }
  }
  return { files, problems, warnings };
}

/** Replaces a configuration file whole; follows a link to the file it stands for. Throws when it cannot. */
export async function writeConfigFile(path: string, text: string): Promise<void> {
  const target =
    statSync(path, { throwIfNoEntry: false }) === undefined ? path : realpathSync(path);
  await writeWhole(target, text);
}

type FileRead = { readonly text: string; readonly exposed: boolean } | { readonly problem: string };

function readConfigFile(path: string): FileRead | null {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    return {
      problem: `${path}: cannot be read (${code ?? String(error)}); give yourself read access.`,
    };
  }
  try {
    return readOpened(path, file);
  } finally {
    closeSync(file);
  }
}

function readOpened(path: string, file: number): FileRead {
  const stat = fstatSync(file);
  if (!stat.isFile()) return { problem: `${path}: is not a file; move it aside.` };
  if (stat.size > CONFIG_FILE_BYTES_MAX) {
    return {
      problem: `${path}: is larger than ${CONFIG_FILE_BYTES_MAX} bytes; that is no configuration.`,
    };
  }
  const bytes = readFileSync(file);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { text, exposed: (stat.mode & 0o022) !== 0 };
  } catch {
    return { problem: `${path}: is not UTF-8 text; save it as UTF-8.` };
  }
}
