import { type Outlook, outlookOf } from "../core/forecast/outlook.ts";
import type { AdmissionRules } from "../core/hold.ts";
import { newTask } from "../core/new-task.ts";
import { isNight, nextHoursChange } from "../core/hours.ts";
import type { OrderRules } from "../core/order.ts";
import type { Instant, Task } from "../core/task.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";
import type { DaemonStatus, PlannedTask, PlanView } from "./views.ts";
import { newestOf, snapshotFor } from "./why.ts";

/** Other rules to plan by, made from those that hold. */
export type ChangeRules = (rules: AdmissionRules) => AdmissionRules;

/** So many queued tasks are played; of those behind them nothing is said. */
const TASKS_MAX = 500;
/** Found among so many. */
const READ_MAX = 100_000;
const PAGE = 1000;
const DAY_MS = 86_400_000;

/** Plays the time ahead by what is stored and what the newest daemon judges by. */
export async function readPlan(
  parts: { readonly store: Store; readonly clock: Clock },
  daemons: readonly DaemonStatus[],
  asked: { readonly until: Instant | null; readonly change?: ChangeRules | undefined },
): Promise<PlanView> {
  const now = parts.clock.now();
  const daemon = newestOf(daemons) ?? null;
  if (daemon === null) {
    return { now, until: asked.until ?? now + DAY_MS, daemon, tasks: [], more: 0 };
  }
  const snapshot = await snapshotFor(parts, daemon);
  const rules = asked.change?.(snapshot.rules) ?? snapshot.rules;
  const until = asked.until ?? endOfNight(rules, now);
  const planned = [
    ...(await firstQueued(parts.store)).map((task) => ({ task, schedule: null })),
    ...(await comingSlots(parts.store, until, rules.order)),
  ];
  const queued = planned.map(({ task }) => task);
  const outlooks = outlookOf({ snapshot: { ...snapshot, rules }, queued, until });
  const tasks = planned.map((each, index): PlannedTask => {
    return Object.assign(each, { outlook: outlooks[index] as Outlook });
  });
  const { queued: count } = await parts.store.tasks.counts();
  const shown = planned.filter(({ schedule }) => schedule === null).length;
  return {
    now,
    until,
    daemon,
    tasks: tasks.toSorted(byStart),
    more: Math.max(0, count - shown),
  };
}

/** The tasks that schedules will make at their next slots, numbered from 0 down. */
async function comingSlots(
  store: Store,
  until: Instant,
  order: OrderRules,
): Promise<readonly Pick<PlannedTask, "task" | "schedule">[]> {
  const schedules = await store.schedules.list();
  return schedules.flatMap(({ schedule, open }, index) => {
    const dueAt = open?.dueAt ?? Infinity;
    if (schedule.paused !== null || dueAt >= until) return [];
    const deadlineAt = schedule.deadlineInMs === null ? null : dueAt + schedule.deadlineInMs;
    const times = { at: dueAt, notBefore: dueAt, deadlineAt, dependsOn: [] };
    const asked = {
      ...schedule.task,
      ...times,
      order,
      source: "schedule" as const,
      by: schedule.by,
    };
    return [{ task: newTask(-index, asked, 0), schedule: schedule.name }];
  });
}

/** When the night that is or comes next has ended; a day from now where there is none. */
function endOfNight({ hours }: AdmissionRules, now: Instant): Instant {
  const change = nextHoursChange(hours, now);
  const end = change === null || isNight(hours, now) ? change : nextHoursChange(hours, change);
  return end ?? now + DAY_MS;
}

/** The list of a store goes from the newest back, so the first are at its end. */
async function firstQueued(store: Store): Promise<readonly Task[]> {
  const queued: Task[] = [];
  for (let before: number | null = null; queued.length < READ_MAX;) {
    const page: readonly Task[] = await store.tasks.list(
      { states: ["queued"] },
      { before, limit: PAGE },
    );
    queued.push(...page);
    before = page.at(-1)?.id ?? null;
    if (page.length < PAGE) break;
  }
  return queued.toSorted((a, b) => a.orderKey - b.orderKey || a.id - b.id).slice(0, TASKS_MAX);
}

function byStart(a: PlannedTask, b: PlannedTask): number {
  const at = ({ outlook }: PlannedTask): number =>
    outlook.starts.p50 ?? outlook.starts.p90 ?? Infinity;
  const [one, other] = [at(a), at(b)];
  if (one !== other) return one - other;
  return (
    b.outlook.chance - a.outlook.chance ||
    a.task.orderKey - b.task.orderKey ||
    a.task.id - b.task.id
  );
}
