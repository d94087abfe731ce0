import { spawn } from "node:child_process";

/** How tar ended; `said` is the end of what it complained of. */
export interface TarEnd {
  readonly code: number;
  readonly said: string;
}

const SAID_CHARACTERS_MAX = 4000;

/** Words that write these names (a file of them, each ended by NUL) of a folder into an archive. */
export function packWords(folder: string, names: string, archive: string): readonly string[] {
  return [
    ["--create", `--file=${archive}`, `--directory=${folder}`, "--format=gnu", "--no-recursion"],
    // With --null a name that begins with a dash is a name.
    ["--null", `--files-from=${names}`, "--hard-dereference"],
    ["--numeric-owner", "--owner=0", "--group=0"],
  ].flat();
}

/** Words that write what is in an archive into a folder, over what is there. */
export function unpackWords(archive: string, folder: string, without: string | null): string[] {
  return [
    ["--extract", `--file=${archive}`, `--directory=${folder}`, "--preserve-permissions"],
    ["--no-same-owner", "--delay-directory-restore", "--numeric-owner"],
    without === null ? [] : [`--exclude=${without}`],
  ].flat();
}

/** Runs tar to its end; it takes no word from the environment. Throws when it cannot be started. */
export function runTar(words: readonly string[], signal: AbortSignal): Promise<TarEnd> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env["PATH"] ?? "", LC_ALL: "C" };
    const child = spawn("tar", words, {
      cwd: "/",
      env,
      signal,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => {
      said = (said + text).slice(-SAID_CHARACTERS_MAX);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code: code ?? 2, said });
    });
  });
}
