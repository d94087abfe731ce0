import type { Attempt } from "../../../core/attempt.ts";
import { spentWords } from "../../../core/budget-text.ts";
import { type DependencyState, formatDependency } from "../../../core/dependency.ts";
import type { Outcome } from "../../../core/outcome.ts";
import type { Publication } from "../../../core/published.ts";
import type { Landing, Task, TaskTemplate } from "../../../core/task.ts";
import { printable, printableLine } from "../../../core/terminal.ts";
import type { DeniedView, TaskDetail } from "../../../engine/views.ts";
import type { SlotOfTask } from "../../../ports/schedule-store.ts";
import type { RunCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { finalText } from "../final-text.ts";
import { notFoundYet } from "../nothing-yet.ts";
import type { Output } from "../output.ts";
import { readId } from "../read-words.ts";
import { activityLine, effortLine, endingOf, stateStyle } from "../render/task-line.ts";
import { type View, ago, localTimes, viewOf, when } from "../render/view.ts";

/** Shows a task with its attempts and the final words of the newest one that has any. */
export const show: RunCommand = async (call) => {
  const { context, output, words } = call;
  const id = readId(words[0]);
  if (!id.ok) return output.refuse(id.problem);
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const detail = await doors.queries.task(id.value);
  if (detail === null) return noTask(output, id.value);
  const final = await finalText(context, detail.attempts);
  const denied = await doors.queries.denied(id.value);
  const slots = detail.task.source === "schedule" ? await doors.queries.slots([id.value]) : [];
  const [slot = null] = slots;
  return output.answer({ ...detail, slot, denied, final }, () =>
    renderTask(viewOf(call), detail, slot, { denied, final }),
  );
};

/** Says that there is no such task. */
export function noTask(output: Output, id: number): ExitCode {
  const message = `There is no task ${id}; \`sle ls\` lists the tasks.`;
  return output.fail(EXIT.notFound, "not-found", message);
}

/** A task with everything that is known of it. */
function renderTask(
  view: View,
  { task, attempts, publication, waitsFor }: TaskDetail,
  slot: SlotOfTask | null,
  { denied, final }: { readonly denied: readonly DeniedView[]; readonly final: string | null },
): string {
  return [
    `${view.paint("bold", `Task #${task.id}`)}: ${view.paint(stateStyle(task.state), endingOf(view, task))}`,
    ...facts(view, { task, publication, waitsFor }, slot),
    "",
    printable(task.text),
    ...task.notes.flatMap((note) => ["", `Note: ${printable(note)}`]),
    ...attempts.flatMap((attempt) => [
      "",
      ...attemptLines(view, attempt),
      ...deniedLines(denied.filter(({ attempt: number }) => number === attempt.number)),
    ]),
    ...(final === null ? [] : ["", view.paint("bold", "Result"), printable(final).trimEnd()]),
  ].join("\n");
}

function facts(
  view: View,
  { task, publication, waitsFor }: Omit<TaskDetail, "attempts">,
  slot: SlotOfTask | null,
): readonly string[] {
  const rows: readonly (readonly [string, string | null])[] = [
    ["Project", task.project],
    ["Template", task.template === null ? null : templateWords(task.template)],
    ["Kind", `${task.kind}, ${task.priority} priority, from ${task.source}`],
    ["Schedule", slot === null ? null : `${slot.schedule}, for ${when(view, slot.dueAt)}`],
    ["Asked", `${when(view, task.createdAt)} (${ago(view, task.createdAt)})`],
    ["Not before", task.notBefore === null ? null : when(view, task.notBefore)],
    ["At night", task.nightOnly ? "only" : null],
    ["Deadline", deadline(view, task)],
    ["Waits for", waitsFor.length === 0 ? null : dependencies(view, waitsFor)],
    ["Touches", task.touches.length === 0 ? null : printableLine(task.touches.join(", "))],
    ["Attempts", `${task.attemptsUsed} of ${task.attemptsMax} used`],
    ["Budget", task.budget === null ? null : `${spentWords(task.budget, task.spent)} spent`],
    ["Executor", task.executor],
    ["Model", task.model],
    ["Session", task.sessionId],
    ...resultRows(view, task, publication),
    ["Question", task.question === null ? null : printableLine(task.question.text)],
    ["Ended", task.finishedAt === null ? null : when(view, task.finishedAt)],
    ["Trashed", task.trashedAt === null ? null : when(view, task.trashedAt)],
  ];
  return rows
    .filter(([, value]) => value !== null)
    .map(([label, value]) => `${label.padEnd(12)}${value}`);
}

function templateWords({ name, values }: TaskTemplate): string {
  const pairs = Object.entries(values).map(
    ([key, value]) => `${key}=${printableLine(value, VALUE_SHOWN_MAX)}`,
  );
  return pairs.length === 0 ? name : `${name} (${pairs.join(", ")})`;
}

/** Longest part of a value that is shown. */
const VALUE_SHOWN_MAX = 60;

/** Where the result is, and what was decided about it. */
function resultRows(
  view: View,
  { landing, project }: Task,
  { commit, push, pullRequest }: Publication,
): readonly (readonly [string, string | null])[] {
  if (commit === null) return [];
  const stays = commit.because === null ? "" : ` (${commit.because})`;
  const gone = landing === null || pullRequest !== null ? "" : ", removed";
  const branch = push === null ? `${commit.branch}, kept here${stays}` : `${push.branch}${gone}`;
  return [
    ["Commit", `${commit.commit.slice(0, 12)} for ${commit.baseBranch ?? commit.branch}`],
    ["Branch", project === null ? null : branch],
    ["Request", pullRequest?.url ?? null],
    ["Compare", pullRequest === null ? (push?.compareUrl ?? null) : null],
    ["Decision", landing === null ? null : decisionWords(view, landing)],
  ];
}

function decisionWords(view: View, { decision, by, at, commit, note }: Landing): string {
  const where = commit === null ? "" : ` as ${commit.slice(0, 12)}`;
  const why = note === null ? "" : `: ${printableLine(note)}`;
  return `${decision}${where} by ${printableLine(by)}, ${when(view, at)}${why}`;
}

function deadline(view: View, { deadlineAt, finishedAt }: Task): string | null {
  if (deadlineAt === null) return null;
  const isMissed = (finishedAt ?? view.now) > deadlineAt;
  return `${when(view, deadlineAt)}${isMissed ? " (missed)" : ""}`;
}

/** Most dependencies that are named. */
const DEPENDENCIES_SHOWN_MAX = 20;

function dependencies(view: View, waitsFor: readonly DependencyState[]): string {
  const shown = waitsFor.slice(0, DEPENDENCIES_SHOWN_MAX).map((each) => {
    const style = ({ met: "green", open: "dim", broken: "red" } as const)[each.standing];
    const how = { met: "met", open: "open", broken: "in vain" }[each.standing];
    return `#${formatDependency(each)} ${view.paint(style, `(${how})`)}`;
  });
  const more = waitsFor.length - shown.length;
  return `${shown.join(", ")}${more === 0 ? "" : ` and ${more} more`}`;
}

function attemptLines(view: View, attempt: Attempt): readonly string[] {
  const head = effortLine(view, attempt).replace(/^attempt/u, "Attempt");
  const how = [attempt.executor, attempt.model].filter((part) => part !== null).join(" ");
  const outcome =
    attempt.outcome === null ? activityLine(view, attempt, 2) : outcomeWords(view, attempt.outcome);
  return [
    `${view.paint("bold", head)} (${printableLine(how)}${attempt.resumed ? ", session resumed" : ""})`,
    `  ${outcome}`,
    ...attempt.steps.map((step) => {
      const mark = step.ok === null ? "…" : step.ok ? "✓" : "✗";
      return `  ${mark} ${step.name}${step.detail === "" ? "" : `: ${printableLine(step.detail)}`}`;
    }),
    ...(attempt.results === null ? [] : [`  files in ${attempt.results}`]),
  ];
}

/** Most refusals of one attempt that are named. */
const DENIED_SHOWN_MAX = 10;

function deniedLines(denied: readonly DeniedView[]): readonly string[] {
  const lines = denied.slice(0, DENIED_SHOWN_MAX).map(({ tool, detail, count }) => {
    const often = count === 1 ? "" : ` (${count} times)`;
    return `  denied ${printableLine(tool)}: ${printableLine(detail)}${often}`;
  });
  const more = denied.length - lines.length;
  return more === 0 ? lines : [...lines, `  and ${more} more denied`];
}

/** How an attempt ended, in one line. */
export function outcomeWords(view: View, outcome: Outcome): string {
  switch (outcome.type) {
    case "succeeded":
      return view.paint("green", "succeeded");
    case "failed":
      return `${view.paint("red", `failed (${outcome.failure})`)}: ${localTimes(view, printableLine(outcome.message))}`;
    case "interrupted":
      return `interrupted (${outcome.reason}); the task goes on later`;
    case "snoozed":
      return `parked until ${when(view, outcome.until)} (${outcome.failure}): ${localTimes(view, printableLine(outcome.message))}`;
    case "asked":
      return `asked: ${printableLine(outcome.question.text)}`;
  }
}
