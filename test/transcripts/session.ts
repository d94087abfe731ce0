import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { sandbox } from "../adapters/sandbox/support.ts";

/** One command of a transcript with what is to come of it. */
export interface Step {
  readonly command: string;
  /** Standard output and error as a person sees them, and `[exit N]` when N is not 0. */
  readonly expected: string;
}

/** A shell in a folder and a home of its own, in which `sle` is the program under test. */
export interface Session extends AsyncDisposable {
  readonly folder: string;
  /** Runs one command; answers what a person sees. */
  readonly run: (command: string) => Promise<string>;
}

const BIN = join(import.meta.dirname, "..", "..", "src", "bin.ts");
const COMMAND_TIMEOUT_MS = 60_000;

/** The commands of all console blocks of a Markdown text, in order. */
export function stepsOf(markdown: string): readonly Step[] {
  const steps: { command: string; expected: string }[] = [];
  for (const block of markdown.matchAll(/^```console\n(.*?)^```$/gmsu)) {
    for (const line of (block[1] ?? "").split("\n").slice(0, -1)) {
      const step = steps.at(-1);
      if (line.startsWith("$ ")) steps.push({ command: line.slice(2), expected: "" });
      else if (step === undefined) throw new Error(`no command stands before ${line}`);
      else if (line.startsWith("> ") && step.expected === "") step.command += `\n${line.slice(2)}`;
      else step.expected += `${line}\n`;
    }
  }
  return steps;
}

/** What stands for what differs from run to run. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  "<time>": String.raw`(?:(?:yesterday|tomorrow|\d{4}-\d\d-\d\d) )?\d\d:\d\d(?::\d\d)?`,
  "<date>": String.raw`\d{4}-\d\d-\d\d`,
  "<ago>": String.raw`(?:just now|(?:\d+(?:d|h|ms|m|s))+ ago)`,
  "<hash>": String.raw`[0-9a-f]{12}`,
  "<duration>": String.raw`(?:\d+(?:d|h|ms|m|s))+`,
  "<n>": String.raw`\d+(?:\.\d+)?`,
  "<any>": ".*",
};

/** `actual`, with every line that fits the same line of `expected` replaced by it. */
export function alike(actual: string, expected: string): string {
  const wanted = expected.split("\n");
  return actual
    .split("\n")
    .map((line, index) => {
      const pattern = wanted[index];
      return pattern !== undefined && patternOf(pattern).test(line) ? pattern : line;
    })
    .join("\n");
}

function patternOf(line: string): RegExp {
  const parts = line
    .split(/(<[a-z]+>)/u)
    .map((part) => (Object.hasOwn(PLACEHOLDERS, part) ? PLACEHOLDERS[part] : literal(part)));
  return new RegExp(`^${parts.join("")}$`, "u");
}

/** The text itself; but columns may be wider or narrower, as what stands in them is. */
function literal(text: string): string {
  return text
    .replace(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`)
    .replace(/(?<=\S) {2,}(?=\S|$)|^ {2,}(?=\S)/gu, " +");
}

/** Opens a session; dispose to end its daemon and remove everything. */
export async function openSession(): Promise<Session> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "sle-transcript-")));
  const folder = join(root, "work");
  const programs = join(root, "programs");
  for (const each of [folder, programs]) await mkdir(each);
  const sle = join(programs, "sle");
  await writeFile(sle, `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  await chmod(sle, 0o755);
  const env = {
    HOME: root,
    SLEEPLESS_HOME: join(root, "home"),
    PATH: [programs, dirname(process.execPath), process.env["PATH"]].join(delimiter),
    TZ: "UTC",
    USER: "ada",
    NO_COLOR: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    // What a person sees is the same either way, but for where there is no sandbox to be had.
    ...(sandbox.ok ? {} : { SLE__ISOLATION__LEVEL: "process" }),
  };
  const run = async (command: string): Promise<string> => {
    const { text, exit } = await shell(`{ ${command}\n} 2>&1`, folder, env);
    const seen = text === "" || text.endsWith("\n") ? text : `${text}\n`;
    const code = exit === 0 ? "" : `[exit ${exit}]\n`;
    return (seen + code).replaceAll(root, "~");
  };
  return {
    folder,
    run,
    [Symbol.asyncDispose]: async () => {
      await run("sle daemon stop --now");
      await rm(root, { recursive: true, force: true });
    },
  };
}

function shell(
  command: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly text: string; readonly exit: number }> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env, timeout: COMMAND_TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile("/bin/sh", ["-c", command], options, (error, text) => {
      if (error === null) resolve({ text, exit: 0 });
      else if (typeof error.code === "number") resolve({ text, exit: error.code });
      else reject(error);
    });
    child.stdin?.end();
  });
}
