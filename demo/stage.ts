import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The folders of one demo night; everything is below `root` and goes with it. */
export interface Stage {
  readonly root: string;
  readonly home: string;
  /** A small real bare git repository with tests, one of which fails. */
  readonly repository: string;
  /** Runs git in it, as the person would; answers what it prints. */
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** The environment of the daemon and its agents: nothing of the person's own. */
  readonly env: Readonly<Record<string, string>>;
  readonly remove: () => Promise<void>;
}

/** Builds the stage in a temporary folder. */
export async function buildStage(modelUrl: string, isFenced: boolean): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), "sleepless-night-"));
  const home = join(root, "home");
  const repository = join(root, "greeter.git");
  const [work, user] = [join(root, "greeter"), join(root, "user")];
  await Promise.all([home, work, user].map((path) => mkdir(path, { mode: 0o700 })));
  const level = `isolation: { level: ${isFenced ? "sandbox" : "process"} }\n`;
  await writeFile(join(home, "config.yaml"), `${CONFIG}${level}`);
  await makeRepository(work, repository, user);
  return {
    root,
    home,
    repository,
    git: gitIn(repository, user),
    env: {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: user,
      TMPDIR: root,
      LANG: "C.UTF-8",
      USER: "demo",
      CLAUDE_CONFIG_DIR: join(user, ".claude"),
      CLAUDE_CODE_OAUTH_TOKEN: "scripted-model-needs-no-login",
      CLAUDE_CODE_MAX_RETRIES: "1",
      ANTHROPIC_BASE_URL: modelUrl,
    },
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}

const CONFIG = `attempts:
  parallel_max: 3
  backoff_base: 2s
  grace: 0s
quota:
  threshold_day: 95%
  threshold_night: 95%
resources:
  memory_free_min: null
  disk_free_min: null
executors:
  claude_code:
    env: [CLAUDE_CODE_MAX_RETRIES]
`;

type Git = Stage["git"];

function gitIn(cwd: string, user: string): Git {
  const env = { PATH: process.env["PATH"], HOME: user, GIT_CONFIG_NOSYSTEM: "1" };
  return async (...args) => (await run("git", args, { cwd, env })).stdout.trimEnd();
}

async function makeRepository(path: string, bare: string, user: string): Promise<void> {
  await writeFile(
    join(path, "greet.mjs"),
    "export function greet(name) {\n  return `Hello, ${name}!`;\n}\n",
  );
  await writeFile(join(path, "greet.test.mjs"), TESTS);
  const git = gitIn(path, user);
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", ".");
  const who = ["-c", "user.name=Demo", "-c", "user.email=demo@example.invalid"];
  await git(...who, "commit", "--quiet", "--message", "Greet people");
  await git("clone", "--quiet", "--bare", path, bare);
}

const TESTS = `import assert from "node:assert/strict";
import { test } from "node:test";
import { greet } from "./greet.mjs";

test("greets by name", () => assert.equal(greet("Ada"), "Hello, Ada!"));
test("greets a stranger", () => assert.equal(greet(""), "Hello, stranger!"));
`;
