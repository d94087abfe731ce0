import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasMarker, withMarker } from "../../src/core/forge-text.ts";
import type { Forge, PullRequest, PullRequestSpec } from "../../src/ports/forge.ts";

/** A pull request as the forge keeps it: a file of its own, whose name is its number. */
export interface FiledPull {
  readonly number: number;
  /** With the marker on a line of its own. */
  readonly body: string;
  readonly title: string;
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
}

/** How long each request takes, so that one can die in the midst of it. */
const REQUEST_MS = 12;

/**
 * A forge that outlives the daemons that ask it: its state is a folder. Each request is done as a
 * whole or not at all, and nothing keeps a caller that did not look from opening a second one.
 */
export function folderForge(folder: string): Forge {
  mkdirSync(folder, { recursive: true });
  const no = (): never => {
    throw new Error("Nobody asks this of the forge of these nights");
  };
  return {
    kind: "gitea",
    credential: () => Promise.resolve({ authorization: GIT_AUTHORIZATION, expiresAt: null }),
    defaultBranch: () => Promise.resolve("main"),
    branchRules: () => Promise.resolve({ isProtected: false, needsSignatures: false, against: [] }),
    findOrOpen: async (spec) => {
      await sleep(REQUEST_MS);
      const found = readPulls(folder).find(({ body }) => hasMarker(body, spec.marker));
      await sleep(REQUEST_MS);
      if (found === undefined) return openedOf(create(folder, spec));
      const wanted = { ...found, title: spec.title, body: bodyOf(spec), draft: spec.draft };
      write(folder, wanted, (partial, path) => renameSync(partial, path));
      return openedOf(wanted);
    },
    pullRequest: no,
    comment: no,
    merge: no,
    close: no,
    feedback: no,
  };
}

/** What the git server of these nights asks of git. */
export const GIT_AUTHORIZATION: string = `Basic ${Buffer.from("x-access-token:night").toString("base64")}`;

/** All pull requests, by number. */
export function readPulls(folder: string): readonly FiledPull[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/u.test(name))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as FiledPull)
    .toSorted((a, b) => a.number - b.number);
}

/** The next free number is taken by making the file, so two that create at once make two. */
function create(folder: string, spec: PullRequestSpec): FiledPull {
  const { head, base, title, draft } = spec;
  for (let number = readPulls(folder).length + 1; ; number += 1) {
    const pull = { number, head, base, title, draft, body: bodyOf(spec) };
    try {
      write(folder, pull, (partial, path) => linkSync(partial, path));
      return pull;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}

function write(
  folder: string,
  pull: FiledPull,
  put: (partial: string, path: string) => void,
): void {
  const partial = join(folder, `${pull.number}.${process.pid}.partial`);
  writeFileSync(partial, JSON.stringify(pull));
  try {
    put(partial, join(folder, String(pull.number)));
  } finally {
    rmSync(partial, { force: true });
  }
}

function bodyOf({ body, marker }: PullRequestSpec): string {
  return withMarker(body, marker);
}

function openedOf({ number, head, base }: FiledPull): PullRequest {
  return { number, url: `https://forge.invalid/pulls/${number}`, state: "open", head, base };
}
