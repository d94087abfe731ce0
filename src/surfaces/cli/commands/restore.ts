import { type Result, ok } from "../../../core/problem.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { KeptState, Restored, RestoreRequest } from "../../../ports/workspaces.ts";
import type { Call, RunCommand } from "../command.ts";
import type { ExitCode } from "../exit-codes.ts";
import { notFoundYet } from "../nothing-yet.ts";
import { readId, usage } from "../read-words.ts";
import { counted, formatCount } from "../render/numbers.ts";
import { table } from "../render/table.ts";
import { type View, viewOf, when } from "../render/view.ts";

const COMMIT_SHOWN = 12;

/** Brings back what was kept of a task's workspace, or lists it. */
export const restore: RunCommand = async (call) => {
  const { context, output, options, words } = call;
  const id = readId(words[0]);
  if (!id.ok) return output.refuse(id.problem);
  const request = readRequest(call);
  if (!request.ok) return output.refuse(request.problem);
  const door = await context.restoring();
  if (door === null) return notFoundYet(call);
  if (!door.ok) return output.refuse(door.problem);
  if (options.has("list")) {
    const states = await door.value.states(id.value);
    if (!states.ok) return output.refuse(states.problem);
    return output.answer(states.value, () => renderStates(viewOf(call), states.value));
  }
  const { by, interrupted } = context;
  const restored = await door.value.restore(id.value, by, request.value, interrupted);
  if (!restored.ok) return output.refuse(restored.problem);
  return told(call, id.value, restored.value);
};

function readRequest({ context, options }: Call): Result<RestoreRequest> {
  const into = options.text("into");
  const replace = options.has("replace");
  if (into !== null && replace) {
    return usage("--replace is for the task's own folder; --into takes a new one.");
  }
  const state = readState(options.text("attempt"));
  if (!state.ok) return state;
  return ok({
    state: state.value,
    into: into === null ? null : context.resolvePath(into),
    replace,
  });
}

/** The number of an attempt, or the beginning of a commit where several states have one number. */
function readState(word: string | null): Result<number | string | null> {
  if (word === null) return ok(null);
  if (/^\d{1,6}$/u.test(word)) return ok(Number(word));
  if (/^[0-9a-f]{7,40}$/u.test(word)) return ok(word);
  return usage(`--attempt takes the number of an attempt, or a commit of --list, not "${word}".`);
}

function told(call: Call, id: number, restored: Restored): ExitCode {
  const { output, options } = call;
  const path = printableLine(restored.path);
  const exit = output.answer(restored, () =>
    options.text("into") === null
      ? `Workspace of task #${id} restored ${fromWords(restored)}: ${path}`
      : `Files of task #${id} restored ${fromWords(restored)}: ${path}`,
  );
  const isOwn = options.text("into") === null;
  if (isOwn && restored.gitState !== "not-kept") output.hint(`\`sle retry ${id}\` goes on there.`);
  for (const hint of hintsOf(restored)) output.hint(hint);
  return exit;
}

function fromWords({ attempt, from, commit }: Restored): string {
  const whose = attempt === 0 ? "as it was cleared away" : `as attempt ${attempt} left it`;
  return from === "trash"
    ? `${whose}, from the trash`
    : `${whose} (${commit.slice(0, COMMIT_SHOWN)})`;
}

function hintsOf({ gitState, gitStatePath, lost }: Restored): readonly string[] {
  const hints: string[] = [];
  if (gitStatePath !== null) {
    hints.push(
      `Git's own state lies beside, in ${printableLine(gitStatePath)}: an agent could write in it what git runs, so unpack it only where that may happen.`,
    );
  }
  if (gitState === "not-kept") hints.push("Git's own state and ignored files had not been kept.");
  if (lost > 0) hints.push(`${counted(lost, "file")} could not be kept and did not come back.`);
  return hints;
}

function renderStates(view: View, states: readonly KeptState[]): string {
  const rows = states.map((state) => [
    String(state.attempt),
    when(view, state.keptAt),
    state.commit.slice(0, COMMIT_SHOWN),
    String(state.files),
    `${formatCount(state.bytes)}B`,
    GIT_STATES[state.gitState],
    notesOf(state),
  ]);
  return table(
    ["ATTEMPT", "KEPT", "COMMIT", "FILES", "SIZE", "GIT STATE", "NOTES"],
    rows,
    view.columns,
  );
}

const GIT_STATES: Readonly<Record<KeptState["gitState"], string>> = {
  kept: "kept",
  "as-made": "as it began",
  "not-kept": "not kept",
};

function notesOf({ attempt, isCurrent, isInTrash, lost }: KeptState): string {
  return [
    ...(attempt === 0 ? ["when cleared away"] : []),
    ...(isInTrash ? ["whole in the trash"] : []),
    ...(isCurrent ? [] : ["replaced by a newer one"]),
    ...(lost > 0 ? [`${counted(lost, "file")} not kept`] : []),
  ].join(", ");
}
