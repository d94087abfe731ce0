import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { execFile } from "node:child_process";
import { REBUILT } from "../../src/adapters/git-workspaces/aside-list.ts";

/** Everything about a folder that is to come back: a line for each path, then what git says. */
export type Looks = readonly string[];

/** Kind, rights and bytes of everything below a folder, by names as bytes. */
export function lookAtFiles(folder: string): Looks {
  const lines: string[] = [];
  const walk = (path: Buffer, name: string): void => {
    const found = lstatSync(path);
    const rights = (found.mode & 0o7777).toString(8);
    if (found.isDirectory()) {
      lines.push(`${name}/ ${rights}`);
      for (const each of readdirSync(path, { encoding: "latin1" })) {
        if (REBUILT.has(each) && !name.includes(".git")) continue;
        walk(Buffer.concat([path, Buffer.from(`/${each}`, "latin1")]), `${name}/${each}`);
      }
    } else if (found.isSymbolicLink()) {
      lines.push(`${name} -> ${readlinkSync(path, { encoding: "latin1" })}`);
    } else if (found.isFile()) {
      const hash = createHash("sha1").update(readFileSync(path)).digest("hex");
      lines.push(`${name} ${rights} ${found.size} ${hash}`);
    } else lines.push(`${name} special ${rights}`);
  };
  walk(Buffer.from(folder), "");
  return lines.toSorted();
}

const SCRIPT = `
say() { echo "# $*"; git "$@" 2>&1; echo "= $?"; }
say status --porcelain=v2 --branch
say stash list
say log --all --format='%H %D'
say reflog --all --format='%H %gd %gs'
say fsck --no-progress --no-dangling`;

/** What git says of a folder; nothing of it writes. */
export function askGit(folder: string, env: Readonly<Record<string, string>>): Promise<Looks> {
  return new Promise((resolve) => {
    const options = { cwd: folder, env: { ...env, GIT_OPTIONAL_LOCKS: "0" }, maxBuffer: 1e8 };
    execFile("/bin/sh", ["-c", SCRIPT], options, (_error, said) => {
      resolve(said.split("\n"));
    });
  });
}

/** The first lines of each that the other has not; null when there are none. */
export function difference(before: Looks, after: Looks): string | null {
  const [had, has] = [new Set(before), new Set(after)];
  const gone = before.filter((line) => !has.has(line)).slice(0, 5);
  const more = after.filter((line) => !had.has(line)).slice(0, 5);
  if (gone.length + more.length === 0) return before.length === after.length ? null : "repeated";
  return [...gone.map((line) => `- ${line}`), ...more.map((line) => `+ ${line}`)].join("\n");
}
