import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILES_PER_FOLDER = 50;
const FOLDERS_AT_TOP = 20;
const FILE_BYTES = 4600;

/** Makes a repository of so many files, always the same ones, about 4.6 KB each; answers its folder. */
export function makeBigRepository(folder: string, files: number): string {
  const random = numbersFrom(7);
  for (let index = 0; index < files; index += 1) {
    const path = join(folder, pathOf(index));
    if (index % FILES_PER_FOLDER === 0) mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, textOf(random));
  }
  gitIn(folder, "init", "-q", "-b", "main");
  commitAll(folder, "first");
  gitIn(folder, "repack", "-adq");
  return folder;
}

/** Changes every file whose number is in the range, and commits. */
export function moveBase(folder: string, from: number, count: number): void {
  changeFiles(folder, from, count);
  commitAll(folder, `change ${from}`);
}

/** Adds a line to so many files. */
export function changeFiles(folder: string, from: number, count: number): void {
  for (let index = from; index < from + count; index += 1) {
    writeFileSync(join(folder, pathOf(index)), `changed ${from}\n`, { flag: "a" });
  }
}

/** Git as a person runs it. */
export function gitIn(folder: string, ...args: readonly string[]): string {
  const identity = ["-c", "user.name=Bench", "-c", "user.email=bench@example.org"];
  const options = { cwd: folder, encoding: "utf8", maxBuffer: 1e9 } as const;
  return execFileSync("git", [...identity, ...args], { ...options, stdio: "pipe" }).trim();
}

function commitAll(folder: string, message: string): void {
  gitIn(folder, "add", "-A");
  gitIn(folder, "commit", "-q", "-m", message);
}

function pathOf(index: number): string {
  const folder = Math.floor(index / FILES_PER_FOLDER);
  return `m${folder % FOLDERS_AT_TOP}/d${folder}/f${index}.txt`;
}

/** Lines of words, as much like a source as matters for packing. */
function textOf(random: () => number): string {
  let text = "";
  while (text.length < FILE_BYTES) text += `${random().toString(36)} ${random() % 97} = value;\n`;
  return text;
}

/** Numbers that are the same in every run. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}
