import { outlookOf } from "../core/forecast/outlook.ts";
import type { AdmissionRules } from "../core/hold.ts";
import { isNight, nextHoursChange } from "../core/hours.ts";
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
const READ_MAX = 20_000;
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
  const queued = await firstQueued(parts.store);
  const outlooks = outlookOf({ snapshot: { ...snapshot, rules }, queued, until });
  const tasks = queued.map((task, index) => ({
    task,
    outlook: outlooks[index] as PlannedTask["outlook"],
  }));
  const { queued: count } = await parts.store.tasks.counts();
  return {
    now,
    until,
    daemon,
    tasks: tasks.toSorted(byStart),
    more: Math.max(0, count - tasks.length),
  };
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
