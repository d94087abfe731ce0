import { THOUGHTS_BRANCH } from "../../../core/branch-name.ts";
import type { ThoughtSpec } from "../../../ports/branches.ts";
import type { Place } from "../place.ts";
import { entryOf, joinRecords, splitRecords } from "../records.ts";
import { commitAt, moveRef, repositoryOf, type Repository } from "../repository.ts";
import { type CommitIdentity, commitSigned } from "./result-commit.ts";

/** The file with the agent's last words, beside what it made. */
const SUMMARY_NAME = "SUMMARY.md";
const BRANCH = `refs/heads/${THOUGHTS_BRANCH}`;
const LIST_BYTES_MAX = 256 * 1024 * 1024;

/** Puts what a thought left into a folder of its own on the branch of thoughts; doing it again changes nothing. */
export function addThought(
  place: Place,
  identity: CommitIdentity,
  spec: ThoughtSpec,
  signal: AbortSignal,
): Promise<string> {
  const repository = repositoryOf(place.shelf, null);
  return place.lock(repository.name, async () => {
    for (;;) {
      const tip = await commitAt(place.shelf, repository, BRANCH, signal);
      const files = await withThought(treesOf(place, repository, signal), tip, spec);
      if (files === null && tip !== null) return tip;
      const parents = tip === null ? [] : [tip];
      const made = { files: files ?? "", parents, message: spec.message, at: spec.at };
      const to = await commitSigned(place, repository, identity, made, signal);
      const move = { ref: BRANCH, from: tip, to };
      // Another process may have put one there meanwhile.
      if (await moveRef(place.shelf, repository, move, signal)) return to;
    }
  });
}

/** The tree of the branch with the thought's folder in it; null when it is there already. */
async function withThought(
  git: Trees,
  tip: string | null,
  spec: ThoughtSpec,
): Promise<string | null> {
  const summary = await git.blob(spec.summary);
  const files = await git.list(`${spec.commit}^{tree}`);
  const isNamed = files.some(({ name }) => name === SUMMARY_NAME);
  const withWords = isNamed
    ? files
    : [...files, { name: SUMMARY_NAME, mode: "100644", hash: summary }];
  const folder = { name: spec.folder, mode: "040000", hash: await git.tree(withWords) };
  const before = tip === null ? [] : await git.list(`${tip}^{tree}`);
  if (before.some(({ name, hash }) => name === folder.name && hash === folder.hash)) return null;
  return git.tree([...before.filter(({ name }) => name !== spec.folder), folder]);
}

interface TreeEntry {
  /** As bytes, one character each. */
  readonly name: string;
  readonly mode: string;
  readonly hash: string;
}

interface Trees {
  readonly list: (tree: string) => Promise<readonly TreeEntry[]>;
  readonly tree: (entries: readonly TreeEntry[]) => Promise<string>;
  readonly blob: (text: string) => Promise<string>;
}

function treesOf({ shelf }: Place, { gitDir }: Repository, signal: AbortSignal): Trees {
  const must = (args: readonly string[], input: Buffer): Promise<Buffer> =>
    shelf.git.must({ args, gitDir, cwd: gitDir, input, maxBytes: LIST_BYTES_MAX }, signal);
  const hash = async (args: readonly string[], input: Buffer): Promise<string> =>
    (await must(args, input)).toString("latin1").trim();
  return {
    list: async (tree) => {
      const records = splitRecords(await must(["ls-tree", "-z", tree], Buffer.alloc(0)));
      return records.map(entryOf).map(({ path, mode, hash: named }) => ({
        mode,
        hash: named,
        name: path.toString("latin1"),
      }));
    },
    tree: (entries) => {
      const lines = entries.map(({ mode, hash: named, name }) => {
        const type = mode === "040000" ? "tree" : mode === "160000" ? "commit" : "blob";
        return Buffer.from(`${mode} ${type} ${named}\t${name}`, "latin1");
      });
      return hash(["mktree", "-z", "--missing"], joinRecords(lines));
    },
    blob: (text) => hash(["hash-object", "-w", "--stdin"], Buffer.from(text)),
  };
}
