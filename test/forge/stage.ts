import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gitHubForge } from "../../src/adapters/github/github-forge.ts";
import type { GitHubAuth } from "../../src/adapters/github/options.ts";
import type { Forge, PullRequestSpec } from "../../src/ports/forge.ts";
import { type SilentLog, silentLog } from "../../src/testing/silent-log.ts";
import {
  APP_ID,
  type AsSomebody,
  type Emulated,
  good,
  INSTALLATION_ID,
  OWNER,
  OWNER_TOKEN,
  STRANGER_TOKEN,
  startEmulated,
} from "./emulated.ts";
import { GIT_ENV, type GitServer, startGitServer } from "./git-server.ts";
import { openProxy, type Proxy } from "./proxy.ts";

/** What all cases share: the state of GitHub and the server for git. */
export interface World {
  readonly emulated: Emulated;
  readonly git: GitServer;
  /** Tokens that have ended. */
  readonly ended: Set<string>;
  /** Tokens that were made for somebody. */
  readonly known: Set<string>;
  readonly folder: string;
  readonly stage: () => Promise<Stage>;
  readonly close: () => Promise<void>;
}

/** One repository with its own proxy, for one case. */
export interface Stage {
  readonly name: string;
  /** `/repos/octo/NAME`. */
  readonly at: string;
  readonly proxy: Proxy;
  readonly log: SilentLog;
  readonly forge: Forge;
  readonly forgeAs: (auth: GitHubAuth, more?: { readonly now?: () => number }) => Forge;
  readonly appAuth: GitHubAuth;
  readonly asOwner: AsSomebody;
  /** Has a branch get a new commit behind everybody's back; tells the commit. */
  readonly pushAside: (branch: string) => Promise<string>;
  /** Makes the repository for git, whose pushes are told to the emulator by `bridge`. */
  readonly openGit: () => StageGit;
  readonly pulls: () => Promise<readonly { readonly number: number; readonly body: string }[]>;
  readonly comments: (number: number) => Promise<readonly { readonly body: string }[]>;
  readonly close: () => Promise<void>;
}

/** The repository of a case as git sees it. */
export interface StageGit {
  readonly url: string;
  readonly path: string;
  /** Tells the emulator what stands on a branch now. */
  readonly bridge: (branch: string) => Promise<string>;
}

/** Starts what all cases share. */
export async function openWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "sle-forge-"));
  const emulated = await startEmulated();
  const ended = new Set<string>();
  const known = new Set([OWNER_TOKEN, STRANGER_TOKEN]);
  const git = await startGitServer(folder, async (token, repository) => {
    if (ended.has(token) || !known.has(token)) return false;
    const answer = await fetch(`${emulated.url}/repos/${OWNER}/${repository}`, {
      headers: { authorization: `token ${token}` },
    });
    return answer.status === 200;
  });
  let count = 0;
  const world: World = {
    emulated,
    git,
    ended,
    known,
    folder,
    async stage() {
      count += 1;
      return openStage(world, `repo-${count}`);
    },
    async close() {
      await Promise.all([emulated.close(), git.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
}

async function openStage({ emulated, git, known }: World, name: string): Promise<Stage> {
  await emulated.makeRepository(name);
  const proxy = await openProxy(emulated.url, known);
  const log = silentLog();
  const at = `/repos/${OWNER}/${name}`;
  const appAuth = {
    type: "app",
    appId: APP_ID,
    privateKey: emulated.privateKey,
    installationId: INSTALLATION_ID,
  } as const;
  const forgeAs: Stage["forgeAs"] = (auth, { now = Date.now } = {}) =>
    gitHubForge({ repository: { owner: OWNER, name }, apiUrl: proxy.url, auth, now, log });
  const shown = new Map<string, string>();
  const show = async (branch: string, outside: string): Promise<string> => {
    const inside = shown.get(branch) ?? (await emulated.putBranch(name, branch));
    shown.set(branch, inside);
    proxy.commits.set(inside, outside);
    return outside;
  };
  return {
    name,
    at,
    proxy,
    log,
    forge: forgeAs(appAuth),
    forgeAs,
    appAuth,
    asOwner: emulated.asOwner,
    pushAside: (branch) => show(branch, randomBytes(20).toString("hex")),
    openGit() {
      git.makeRepository(name);
      const path = git.pathOf(name);
      const headOf = (branch: string): string =>
        execFileSync("git", ["-C", path, "rev-parse", `refs/heads/${branch}`], {
          encoding: "utf8",
          env: GIT_ENV,
        }).trim();
      const url = `${git.url}/${OWNER}/${name}.git`;
      return { url, path, bridge: (branch) => show(branch, headOf(branch)) };
    },
    pulls: () => good(emulated.asOwner("GET", `${at}/pulls?state=all`)),
    comments: (number) => good(emulated.asOwner("GET", `${at}/issues/${number}/comments`)),
    close: () => proxy.close(),
  };
}

/** A pull request to be opened. */
export function specFor(head: string, more: Partial<PullRequestSpec> = {}): PullRequestSpec {
  const text = { title: "Mend the roof", body: "It is mended." };
  return { marker: `task-of-${head}`, head, base: "main", ...text, draft: false, ...more };
}

/** What became of a run of git, and the command lines of all processes meanwhile. */
export interface GitRun {
  readonly code: number;
  readonly output: string;
  readonly commandLines: readonly string[];
}

/** Runs git as the daemon does: the credential stands in the environment of this process alone. */
export async function runGit(
  args: readonly string[],
  url: string,
  authorization: string | null,
): Promise<GitRun> {
  const secret = {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${url}.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: ${authorization}`,
  };
  const commandLines = new Set<string>();
  return new Promise((resolve) => {
    let isRunning = true;
    execFile(
      "git",
      [...args],
      { env: { ...GIT_ENV, ...(authorization === null ? {} : secret) }, encoding: "utf8" },
      (error, stdout, stderr) => {
        isRunning = false;
        const code = error === null ? 0 : Number(error.code);
        resolve({ code, output: `${stdout}${stderr}`, commandLines: [...commandLines] });
      },
    );
    const watch = (): void => {
      if (!isRunning) return;
      for (const line of commandLinesNow()) commandLines.add(line);
      setImmediate(watch);
    };
    watch();
  });
}

function commandLinesNow(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, "latin1")];
      } catch {
        return [];
      }
    });
}

/** Everything in the files below a folder, as one text. */
export function allBytesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}
