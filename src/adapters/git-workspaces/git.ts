import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";

/** One call of git. Repository, work tree and index are always said, never found by looking around. */
export interface GitCall {
  readonly args: readonly string[];
  /** Working directory; absolute. */
  readonly cwd: string;
  readonly gitDir?: string;
  readonly workTree?: string;
  readonly indexFile?: string;
  /** Where objects are read and written when not in `gitDir`. */
  readonly objectDirectory?: string;
  /** Where objects are read besides, and never written. */
  readonly borrowedObjects?: string;
  /** Words in front of git's own, such as those that limit what it may take. */
  readonly before?: readonly string[];
  /** Settings of this call alone, over the hardened ones: `name=value`. */
  readonly settings?: readonly string[];
  /** Variables of this call alone. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Date of a commit that is made, as git writes it. */
  readonly date?: string;
  readonly input?: Buffer;
  /** An open file that is standard input instead. */
  readonly inputFile?: number;
  /** An open file that takes standard output instead; the answer has none then. */
  readonly outputFile?: number;
  /** Standard output beyond this is not read; git is ended then. */
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
}

/** What a call gave. */
export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
  /** The end of standard error. */
  readonly stderr: string;
  /** True when standard output was longer than asked for. */
  readonly isCut: boolean;
}

/** The only way by which this program runs git. */
export interface Git {
  /** Any exit code is an answer. Throws when git cannot be run, takes too long or `signal` aborts. */
  readonly run: (call: GitCall, signal: AbortSignal) => Promise<GitAnswer>;
  /** Standard output of a call that must end well; throws GitFailed otherwise. */
  readonly must: (call: GitCall, signal: AbortSignal) => Promise<Buffer>;
}

/** Git ended badly or could not be run. */
export class GitFailed extends Error {
  override readonly name = "GitFailed";
  readonly stderr: string;
  constructor(message: string, stderr: string, options?: ErrorOptions) {
    super(message, options);
    this.stderr = stderr;
  }
}

/** What git is given of this machine. */
export interface GitOptions {
  readonly program: string;
  /** The value of PATH: git finds its own parts by it. */
  readonly searchPath: string;
  /** An empty folder of ours that stands for the home of a user. */
  readonly home: string;
}

const OUTPUT_BYTES_DEFAULT = 1024 * 1024;
const STDERR_CHARACTERS_MAX = 256 * 1024;
const TIMEOUT_DEFAULT_MS = 60_000;
const KILL_AFTER_MS = 2000;

/** No hook, filter, monitor, pager, credential helper or network: nothing but git itself runs. */
const HARDENED: readonly string[] = [
  "core.fsmonitor=false",
  "core.hooksPath=/dev/null",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "core.untrackedCache=false",
  "core.splitIndex=false",
  "core.autocrlf=false",
  "core.safecrlf=false",
  "core.symlinks=true",
  "core.fsyncMethod=batch",
  "core.fsync=committed,loose-object,reference",
  "core.bigFileThreshold=16m",
  "protocol.allow=never",
  "protocol.file.allow=always",
  "submodule.recurse=false",
  "credential.helper=",
  "commit.gpgSign=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "advice.detachedHead=false",
];

/** Git under a configuration that only this program writes. */
export function hardenedGit(options: GitOptions): Git {
  const run = (call: GitCall, signal: AbortSignal): Promise<GitAnswer> =>
    runGit(options, call, signal);
  return {
    run,
    must: async (call, signal) => {
      const answer = await run(call, signal);
      if (answer.code === 0 && !answer.isCut) return answer.stdout;
      const why = answer.isCut ? "said more than is read" : `ended with ${answer.code}`;
      const said = answer.stderr.trim().split("\n").at(-1) ?? "";
      throw new GitFailed(`git ${call.args[0]} ${why}: ${said}`, answer.stderr);
    },
  };
}

type GitProcess = ChildProcessByStdio<Writable | null, Readable | null, Readable>;

function runGit(options: GitOptions, call: GitCall, signal: AbortSignal): Promise<GitAnswer> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const [command = "", ...args] = [...(call.before ?? []), options.program, ...argumentsOf(call)];
    const child = spawn(command, args, {
      cwd: call.cwd,
      env: environmentOf(options, call),
      stdio: [call.inputFile ?? "pipe", call.outputFile ?? "pipe", "pipe"],
      detached: true,
    }) as GitProcess;
    const output = collect(child, call.maxBytes ?? OUTPUT_BYTES_DEFAULT);
    const limits = endEarly(child, call.timeoutMs ?? TIMEOUT_DEFAULT_MS, signal);
    child.on("error", (error) => {
      limits.clear();
      reject(new GitFailed(messageOfStart(error, call), "", { cause: error }));
    });
    child.on("close", (code) => {
      limits.clear();
      const answer = { ...output(), code: code ?? 1 };
      if (signal.aborted) reject(signal.reason as Error);
      else if (limits.isTimedOut()) {
        reject(new GitFailed(`git ${call.args[0]} took too long and was ended`, answer.stderr));
      } else resolve(answer.isCut ? { ...answer, code: 0 } : answer);
    });
    // Git may end before it has read everything; its exit code tells why.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(call.input);
  });
}

function argumentsOf(call: GitCall): readonly string[] {
  return [
    "--no-pager",
    "--literal-pathspecs",
    ...[...HARDENED, ...(call.settings ?? [])].flatMap((set) => ["-c", set]),
    ...call.args,
  ];
}

function environmentOf(options: GitOptions, call: GitCall): Record<string, string> {
  return {
    PATH: options.searchPath,
    HOME: options.home,
    XDG_CONFIG_HOME: options.home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_AUTHOR_NAME: "Sleepless Agent",
    GIT_AUTHOR_EMAIL: "agent@sleepless.local",
    GIT_COMMITTER_NAME: "Sleepless Agent",
    GIT_COMMITTER_EMAIL: "agent@sleepless.local",
    ...(call.date === undefined
      ? {}
      : { GIT_AUTHOR_DATE: call.date, GIT_COMMITTER_DATE: call.date }),
    ...call.environment,
    ...(call.gitDir === undefined ? {} : { GIT_DIR: call.gitDir }),
    ...(call.workTree === undefined ? {} : { GIT_WORK_TREE: call.workTree }),
    ...(call.indexFile === undefined ? {} : { GIT_INDEX_FILE: call.indexFile }),
    ...(call.objectDirectory === undefined ? {} : { GIT_OBJECT_DIRECTORY: call.objectDirectory }),
    ...(call.borrowedObjects === undefined
      ? {}
      : { GIT_ALTERNATE_OBJECT_DIRECTORIES: call.borrowedObjects }),
  };
}

/** Reads both outputs within bounds; the answer is complete when the child has closed. */
function collect(child: GitProcess, maxBytes: number): () => Omit<GitAnswer, "code"> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let stderr = "";
  let isCut = false;
  child.stdout?.on("data", (chunk: Buffer) => {
    if (isCut) return;
    chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
    if (bytes <= maxBytes) return;
    isCut = true;
    killGroup(child, "SIGKILL");
  });
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => {
    stderr = (stderr + text).slice(-STDERR_CHARACTERS_MAX);
  });
  return () => ({ stdout: Buffer.concat(chunks), stderr, isCut });
}

interface Limits {
  readonly clear: () => void;
  readonly isTimedOut: () => boolean;
}

function endEarly(child: GitProcess, timeoutMs: number, signal: AbortSignal): Limits {
  let isTimedOut = false;
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => {
    killGroup(child, "SIGTERM");
    killer = setTimeout(() => {
      killGroup(child, "SIGKILL");
    }, KILL_AFTER_MS);
  };
  const timer = setTimeout(() => {
    isTimedOut = true;
    end();
  }, timeoutMs);
  signal.addEventListener("abort", end, { once: true });
  const clear = (): void => {
    clearTimeout(timer);
    clearTimeout(killer);
    signal.removeEventListener("abort", end);
  };
  return { clear, isTimedOut: () => isTimedOut };
}

/** Git starts parts of itself; they are in its group. */
function killGroup(child: GitProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Already gone.
  }
}

function messageOfStart(error: Error, call: GitCall): string {
  const isMissing = "code" in error && error.code === "ENOENT";
  return isMissing
    ? `git could not be started in ${call.cwd}; install git 2.34 or newer and see that this folder exists`
    : `git could not be started: ${error.message}`;
}
