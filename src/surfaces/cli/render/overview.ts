import type { Admission } from "../../../core/hold.ts";
import type { Schedule } from "../../../core/schedule.ts";
import type { Task } from "../../../core/task.ts";
import { printableLine } from "../../../core/terminal.ts";
import type {
  BlockedView,
  DaemonStatus,
  Overview,
  RunningView,
  Why,
} from "../../../engine/views.ts";
import { spentWords, windowLines } from "./quota.ts";
import { activityLine, effortLine, endingOf, stateStyle, titleLine } from "./task-line.ts";
import { type View, ago, localTimes, span, when } from "./view.ts";

/** How everything stands, on one screen. */
export function renderOverview(view: View, overview: Overview): string {
  return [
    headline(view, overview),
    "",
    ...facts(view, overview),
    ...section(
      view,
      "Needs you",
      overview.waiting.length + overview.blocked.length + overview.stuck.length,
      [
        ...overview.waiting.flatMap(needs(view)),
        ...overview.blocked.flatMap(blocks(view)),
        ...overview.stuck.flatMap(decides(view)),
      ],
    ),
    ...section(view, "Running", overview.counts.running, overview.running.flatMap(runs(view))),
    ...section(
      view,
      "Queued",
      overview.counts.queued,
      overview.queued.flatMap(waits(view, overview)),
    ),
    ...section(view, "Ended in the last 24 hours", null, overview.finished.flatMap(ended(view))),
  ].join("\n");
}

function headline(view: View, { counts, blocked }: Overview): string {
  const needing = counts.waiting + blocked.length;
  const parts = [
    `${counts.running} running`,
    `${counts.queued} queued`,
    ...(needing === 0 ? [] : [`${needing} waiting for you`]),
  ];
  const past = `${counts.succeeded} succeeded and ${counts.failed} failed so far`;
  return view.paint("bold", `Sleepless Agent: ${parts.join(", ")}; ${past}`);
}

function facts(view: View, overview: Overview): readonly string[] {
  return [
    ...labelled("Daemon", daemonLines(view, overview.daemons)),
    ...labelled("Starts", [admissionWords(view, overview.admission)]),
    ...labelled("Quota", windowLines(view, overview.windows)),
    ...labelled("Spent", [`${spentWords(overview.usage)} in the last 24 hours`]),
  ];
}

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${(index === 0 ? label : "").padEnd(8)}${line}`);
}

/** In which a daemon surely takes over the tasks of a dead one of its machine. */
const TAKEN_OVER_MS = 60_000;

/** Every daemon that matters, each with its honest status. */
export function daemonLines(view: View, daemons: readonly DaemonStatus[]): readonly string[] {
  const present = daemons.filter(
    (daemon) => daemon.status !== "stopped" && !isReplaced(daemon, daemons),
  );
  if (present.length > 0) return present.map((daemon) => daemonWords(view, daemon));
  const last = daemons.toSorted((a, b) => b.record.seenAt - a.record.seenAt)[0];
  const past = last === undefined ? "" : `, the last one stopped ${ago(view, stoppedAt(last))}`;
  return [view.paint("yellow", `none running${past}; \`sle daemon start\` starts one`)];
}

/** True for a dead daemon whose tasks another of its machine has long taken over. */
function isReplaced({ record, status }: DaemonStatus, daemons: readonly DaemonStatus[]): boolean {
  return (
    status === "dead" &&
    daemons.some(
      (other) =>
        other.status === "running" &&
        other.record.host === record.host &&
        other.record.seenAt > record.seenAt + TAKEN_OVER_MS,
    )
  );
}

function stoppedAt({ record }: DaemonStatus): number {
  return record.stoppedAt ?? record.seenAt;
}

/** One daemon in words: `running on nightbox for 3h2m (process 4242, version 0.1.0), seen 3s ago`. */
export function daemonWords(view: View, { record, status, seenAgoMs }: DaemonStatus): string {
  const where = `on ${printableLine(record.host)}`;
  const which = `(process ${record.process.pid}, version ${record.version})`;
  const seen = `seen ${ago(view, view.now - seenAgoMs)}`;
  switch (status) {
    case "running":
      return `${view.paint("green", "running")} ${where} for ${span(record.startedAt, view.now)} ${which}, ${seen}`;
    case "no-signal":
      return `${view.paint("yellow", "no signal")} from the daemon ${where} ${which}, ${seen}`;
    case "dead":
      return `${view.paint("red", "dead")}: the daemon ${where} ${which} ended without a word, ${seen}`;
    case "stopped":
      return `stopped ${where} ${ago(view, record.stoppedAt ?? record.seenAt)} ${which}`;
  }
}

/** Whether new tasks may start, in words. */
export function admissionWords(view: View, admission: Admission): string {
  const { mode, until, by } = admission;
  const over = until !== null && until <= view.now;
  if (mode === "open" || over) return "open";
  const how = mode === "paused" ? "paused" : "draining: running tasks may end, no others start";
  const end = until === null ? "until `sle resume`" : `until ${when(view, until)}`;
  return view.paint("yellow", `${how}, ${end} (by ${printableLine(by)})`);
}

function section(
  view: View,
  title: string,
  count: number | null,
  lines: readonly string[],
): readonly string[] {
  if (lines.length === 0) return [];
  return ["", view.paint("bold", count === null ? title : `${title} (${count})`), ...lines];
}

function needs(view: View): (task: Task) => readonly string[] {
  return (task) => [
    `  ${titleLine(view, task, 2)}`,
    `      ${printableLine(task.question?.text ?? "It waits for a decision.")}`,
    `      ${view.paint("dim", `sle answer ${task.id} "…"   sle retry ${task.id}   sle cancel ${task.id}`)}`,
  ];
}

function blocks(view: View): (blocked: BlockedView) => readonly string[] {
  return ({ task, sentence, remedies }) => [
    `  ${titleLine(view, task, 2)}`,
    `      ${sentence}`,
    `      ${view.paint("dim", remedies.join("   "))}`,
  ];
}

function decides(view: View): (schedule: Schedule) => readonly string[] {
  return ({ name, paused }) => [
    `  ${view.paint("bold", `schedule ${name}`)} was paused`,
    `      ${printableLine(paused?.reason ?? "")}`,
    `      ${view.paint("dim", `sle schedule show ${name}   sle schedule resume ${name}   sle schedule rm ${name}`)}`,
  ];
}

function runs(view: View): (detail: RunningView) => readonly string[] {
  return ({ task, attempts }) => {
    const attempt = attempts.at(-1);
    if (attempt === undefined) return [`  ${titleLine(view, task, 2)}`];
    const cancelling = task.cancelRequestedAt === null ? "" : ", being cancelled";
    return [
      `  ${titleLine(view, task, 2)}`,
      `      ${effortLine(view, attempt)}${cancelling}`,
      `      ${view.paint("cyan", activityLine(view, attempt, 6))}`,
    ];
  };
}

/** Where no daemon runs, all wait for that, and it is said above. */
function waits(view: View, { daemons }: Overview): (why: Why) => readonly string[] {
  const someRuns = daemons.some((daemon) => daemon.status === "running");
  return ({ task, sentence }) => [
    `  ${titleLine(view, task, 2)}`,
    ...(someRuns ? [`      ${view.paint("dim", localTimes(view, printableLine(sentence)))}`] : []),
  ];
}

function ended(view: View): (task: Task) => readonly string[] {
  return (task) => {
    const style = stateStyle(task.state);
    const mark = { succeeded: "✓", failed: "✗" }[task.state as string] ?? "-";
    return [
      `  ${view.paint(style, mark)} ${titleLine(view, task, 4)}`,
      `      ${view.paint("dim", endingOf(view, task))}`,
    ];
  };
}
