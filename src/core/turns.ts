import type { RunningTask } from "./hold.ts";
import { type OrderRules, TURNS_MAX } from "./order.ts";
import type { Task } from "./task.ts";

/**
 * How many turns each project had, divided by its weight. Only the lead over `floor` counts: that of
 * whoever had the fewest of those who could have started, so that nobody saves turns up while it has
 * nothing to start, and nobody falls behind by more than `TURNS_MAX`.
 */
export interface Turns {
  readonly floor: number;
  /** Those who are ahead of the floor. */
  readonly taken: ReadonlyMap<string, number>;
}

/** Whose turn a task takes: that of its project; tasks without one share by kind. */
export function whoseTurn({ project, kind }: Pick<Task, "project" | "kind">): string {
  return project === null ? kind : `project ${project}`;
}

/** What one turn counts: less for a project with more weight. */
export function turnShare({ project }: Pick<Task, "project">, { weights }: OrderRules): number {
  const weight = project !== null && Object.hasOwn(weights, project) ? weights[project] : undefined;
  return 1 / (weight ?? 1);
}

/** The turns where nobody has counted yet: those of what runs. */
export function turnsOf(running: readonly RunningTask[], order: OrderRules): Turns {
  const taken = new Map<string, number>();
  for (const task of running) {
    const whose = whoseTurn(task);
    taken.set(whose, (taken.get(whose) ?? 0) + turnShare(task, order));
  }
  return { floor: 0, taken };
}

/** How many turns it is ahead; never less than none. */
export function leadOf({ floor, taken }: Turns, whose: string): number {
  return Math.max(0, (taken.get(whose) ?? floor) - floor);
}

/** The turns after `task` has taken one; `contenders` are all whose turn it could have been, it among them. */
export function afterTurn(
  turns: Turns,
  task: Pick<Task, "project" | "kind">,
  { order, contenders }: { readonly order: OrderRules; readonly contenders: ReadonlySet<string> },
): Turns {
  const whose = whoseTurn(task);
  const had = turns.floor + leadOf(turns, whose) + turnShare(task, order);
  const taken = new Map(turns.taken).set(whose, had);
  const theirs = [...contenders].map((each) => taken.get(each) ?? turns.floor);
  const floor = Math.max(
    turns.floor,
    Math.min(had, ...theirs),
    Math.max(had, ...theirs) - TURNS_MAX,
  );
  return { floor, taken: new Map([...taken].filter(([, turn]) => turn > floor)) };
}
