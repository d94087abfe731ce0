import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HomeLayout } from "../../src/adapters/files/home-layout.ts";
import { sha256Of } from "../../src/adapters/files/receipts.ts";
import { chainProblem } from "../../src/core/receipt-chain.ts";
import { readReceipt } from "../../src/core/receipt.ts";
import type { Task } from "../../src/core/task.ts";
import type { Store } from "../../src/ports/store.ts";
import { GIT_ENV } from "../forge/git-server.ts";
import { type FiledPull, readPulls } from "./folder-forge.ts";

/** A branch as it stands in the repository elsewhere. */
export interface OutsideBranch {
  readonly name: string;
  readonly commit: string;
  readonly tree: string;
  readonly parents: string;
  /** The last paragraph of its message, such as `Task-Id`. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** A row of the table of effects. */
export interface EffectRow {
  readonly taskId: number;
  readonly attempt: number;
  readonly kind: string;
  readonly isDone: boolean;
  readonly result: string | null;
}

/** The receipt of an attempt as its file tells it, and what is wrong with it. */
export interface OutsideReceipt {
  readonly sha256: string;
  readonly tree: string;
  readonly problem: string | null;
}

/** What is left outside of our tables when a night is over, beside the rows that tell of it. */
export interface Outside {
  /** Where main was before the first daemon started. */
  readonly begin: string;
  readonly main: string;
  /** All but main. */
  readonly branches: readonly OutsideBranch[];
  readonly pulls: readonly FiledPull[];
  /** Folders on the branch of thoughts. */
  readonly thoughts: readonly string[];
  /** Receipts of the last attempts, by task. */
  readonly receipts: Readonly<Record<number, OutsideReceipt>>;
  readonly effectRows: readonly EffectRow[];
}

/** Where a night's outside is. */
export interface OutsidePlaces {
  readonly home: HomeLayout;
  /** The bare repository that the project is. */
  readonly repository: string;
  readonly begin: string;
  /** The forge's folder. */
  readonly pulls: string;
}

/** Reads the repository, the forge, the branch of thoughts and the receipts themselves. */
export async function collectOutside(
  store: Store,
  places: OutsidePlaces,
  tasks: readonly Task[],
): Promise<Outside> {
  const { home, repository, begin, pulls } = places;
  const all = branchesIn(repository);
  const scratch = join(home.repositories, "scratch.git");
  const rows = await Promise.all(tasks.map(({ id }) => store.effects.ofTask(id)));
  return {
    begin,
    main: all.find(({ name }) => name === "main")?.commit ?? "gone",
    branches: all.filter(({ name }) => name !== "main"),
    pulls: readPulls(pulls),
    thoughts: gitIn(scratch, "ls-tree", "--name-only", "refs/heads/thought-ideas"),
    receipts: Object.fromEntries(await receiptsOf(store, home, tasks)),
    effectRows: rows.flat().map(({ taskId, attempt, kind, doneAt, result }) => ({
      taskId,
      attempt,
      kind,
      isDone: doneAt !== null,
      result,
    })),
  };
}

/** The lines that git says about a repository; none when it says no. */
export function gitIn(repository: string, ...args: readonly string[]): readonly string[] {
  const options = { encoding: "utf8", env: GIT_ENV, maxBuffer: 64 * 1024 * 1024 } as const;
  const answer = spawnSync("git", ["-C", repository, ...args], options);
  return answer.status === 0 ? answer.stdout.split("\n").filter((line) => line !== "") : [];
}

const FORMAT = [
  "%(refname:short)",
  "%(objectname)",
  "%(tree)",
  "%(parent)",
  "%(contents:trailers:separator=%x1f)",
].join("%1e");

function branchesIn(repository: string): readonly OutsideBranch[] {
  return gitIn(repository, "for-each-ref", `--format=${FORMAT}`, "refs/heads/").map((line) => {
    const [name = "", commit = "", tree = "", parents = "", trailers = ""] = line.split("\x1e");
    const pairs = trailers.split("\x1f").map((each) => each.split(": ", 2));
    return { name, commit, tree, parents, trailers: Object.fromEntries(pairs) };
  });
}

async function receiptsOf(
  store: Store,
  home: HomeLayout,
  tasks: readonly Task[],
): Promise<readonly (readonly [number, OutsideReceipt])[]> {
  const list = read(join(home.data, "receipts.jsonl"));
  const found: [number, OutsideReceipt][] = [];
  for (const { id, attempt, project } of tasks) {
    if (project === null) continue;
    const last = (await store.attempts.ofTask(id)).find(({ number }) => number === attempt);
    if (last?.results == null) continue;
    const text = read(join(home.path, last.results, "receipt.json"));
    if (text === "") continue;
    const sealed = readReceipt(text, sha256Of);
    if (sealed.ok) {
      const { receipt, sha256 } = sealed.value;
      found.push([id, { sha256, tree: receipt.tree, problem: chainProblem(list, sealed.value) }]);
    } else found.push([id, { sha256: "", tree: "", problem: sealed.message }]);
  }
  return found;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
