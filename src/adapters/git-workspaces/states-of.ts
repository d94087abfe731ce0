import type { KeptState } from "../../ports/workspaces.ts";
import { allKeptStates, type KeptCommit } from "./kept-states.ts";
import type { Place } from "./place.ts";
import { splitRecords } from "./records.ts";
import { trashedAs } from "./trashed.ts";

const LIST_BYTES_MAX = 512 * 1024 * 1024;

/** The states of a task that can be brought back, newest first, with what is in them. */
export async function statesOf(
  place: Place,
  taskId: number,
  signal: AbortSignal,
): Promise<readonly KeptState[]> {
  const states: KeptState[] = [];
  for (const state of await allKeptStates(place.shelf, taskId, signal)) {
    const { attempt, commit, keptAt, aside, isCurrent } = state;
    states.push({
      attempt,
      commit,
      keptAt,
      ...(await sizeOf(place, state, signal)),
      gitState: gitStateOf(state),
      lost: aside === "unknown" ? 0 : aside.lost,
      isCurrent,
      isInTrash: (await trashedAs(place, state, signal)) !== null,
    });
  }
  return states;
}

function gitStateOf({ aside, asideCommit }: KeptCommit): KeptState["gitState"] {
  if (aside === "unknown") return "not-kept";
  if (aside.blob === null) return "as-made";
  return asideCommit === null ? "not-kept" : "kept";
}

async function sizeOf(
  { shelf }: Place,
  { repository, commit }: KeptCommit,
  signal: AbortSignal,
): Promise<Pick<KeptState, "files" | "bytes">> {
  const { gitDir } = repository;
  const args = ["ls-tree", "-r", "-l", "-z", "--full-tree", commit];
  const said = await shelf.git.must(
    { args, gitDir, cwd: gitDir, maxBytes: LIST_BYTES_MAX },
    signal,
  );
  const sizes = splitRecords(said).map((record) => {
    const [, , , size = ""] = record.toString("latin1").split("\t", 1)[0]?.split(/ +/u) ?? [];
    return Number.parseInt(size, 10) || 0;
  });
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}
