import { styleText } from "node:util";
import type { TaskDetail, Why } from "../src/engine/views.ts";
import { printableLine } from "../src/core/terminal.ts";
import { type TaskName } from "./story.ts";

/** One task as the screen shows it. */
export interface Shown {
  readonly name: TaskName;
  readonly detail: TaskDetail;
  readonly why: Why;
}

/** Shows the night while it goes on: redrawn in place on a terminal, else a line per change. */
export interface Screen {
  readonly show: (elapsedMs: number, tasks: readonly Shown[]) => void;
  readonly note: (text: string) => void;
}

const TEXT_WIDTH = 46;

/** Makes the screen for standard output. */
export function openScreen(out: NodeJS.WriteStream): Screen {
  let drawn = 0;
  const before = new Map<TaskName, string>();
  const erase = (): void => {
    if (drawn > 0) out.write(`\u001B[${drawn}A\u001B[0J`);
    drawn = 0;
  };
  const redraw: Screen["show"] = (elapsedMs, tasks) => {
    erase();
    const lines = tasks.map((task) => taskLine(task).slice(0, out.columns || 120));
    out.write(`${[...lines, `  ${seconds(elapsedMs)} into the night`].join("\n")}\n`);
    drawn = lines.length + 1;
  };
  const logChanges: Screen["show"] = (elapsedMs, tasks) => {
    for (const task of tasks) {
      const state = stateWords(task);
      if (before.get(task.name) === state) continue;
      before.set(task.name, state);
      out.write(`${seconds(elapsedMs).padStart(7)} ${taskLine(task)}\n`);
    }
  };
  return {
    show: out.isTTY ? redraw : logChanges,
    note: (text) => {
      erase();
      out.write(`${text}\n`);
    },
  };
}

/** One line: number, state, elapsed, tokens, cost, what it does or waits for. */
export function taskLine(shown: Shown): string {
  const { task, attempts } = shown.detail;
  const tokens = attempts.reduce((sum, { tokens: each }) => sum + each.input + each.output, 0);
  const usd = attempts.reduce((sum, each) => sum + each.usd, 0);
  const newest = attempts.at(-1);
  const workedMs = attempts.reduce(
    (sum, each) => sum + ((each.endedAt ?? shown.why.task.updatedAt) - each.admittedAt),
    0,
  );
  const columns = [
    `#${task.id}`,
    styled(task.state, task.state.padEnd(9)),
    printableLine(task.text).slice(0, TEXT_WIDTH).padEnd(TEXT_WIDTH),
    (newest === undefined ? "" : seconds(Math.max(0, workedMs))).padStart(7),
    (tokens === 0 ? "" : `${(tokens / 1000).toFixed(1)}k`).padStart(6),
    (usd === 0 ? "" : `$${usd.toFixed(3)}`).padStart(7),
    doing(shown),
  ];
  return columns.join(" ");
}

function doing({ detail: { task, attempts }, why }: Shown): string {
  if (task.state === "running") return attempts.at(-1)?.progress?.activity ?? "starting";
  if (task.state === "queued") return why.sentence;
  return "";
}

/** What a change is told of: state, attempt, and what holds it. */
function stateWords({ detail: { task }, why }: Shown): string {
  return [task.state, task.attempt, why.holds.map((hold) => hold.policy).join()].join(" ");
}

function styled(state: string, text: string): string {
  if (state === "succeeded") return styleText("green", text);
  if (state === "failed" || state === "cancelled") return styleText("red", text);
  return state === "running" ? styleText("cyan", text) : text;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
