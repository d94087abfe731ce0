import type { Books, ScheduleBook, SlotBook } from "../books.ts";
import { iso } from "../iso.ts";
import type { Instant } from "../task.ts";
import { broken, type Entry, kept, odd, REPORT_IT, stillOpen } from "./entry.ts";

/** A daemon that lives settles a slot long before. */
const OVERDUE_MS = 5 * 60_000;

interface Frame {
  readonly at: Instant;
  readonly daemonLives: boolean;
}

/** Every slot that is due has one outcome, and every schedule one that is open. */
export function balanceSlots(books: Books, frame: Frame): readonly Entry[] {
  const bySchedule = Map.groupBy(books.slots, ({ scheduleId }) => scheduleId);
  const known = new Set(books.schedules.map(({ id }) => id));
  return [
    ...books.schedules.flatMap((schedule) => {
      const slots = bySchedule.get(schedule.id) ?? [];
      return [
        ...slots.map((slot) => entryOf(books, schedule, slot, frame)),
        ...openProblems(schedule, slots),
        ...overlaps(schedule, slots),
      ];
    }),
    ...books.slots
      .filter(({ scheduleId }) => !known.has(scheduleId))
      .map(({ dueAt }) => broken("slots", `A slot of ${iso(dueAt)} has no schedule.`, REPORT_IT)),
    ...taskProblems(books),
  ];
}

function entryOf(books: Books, schedule: ScheduleBook, slot: SlotBook, frame: Frame): Entry {
  const { outcome, dueAt, count, taskId } = slot;
  const which = `The slot ${iso(dueAt)} of the schedule ${schedule.name}`;
  if (outcome === null) return openEntry(which, schedule, dueAt, frame);
  const makesTask = outcome === "ran" || outcome === "deferred";
  if (makesTask !== (taskId !== null)) {
    return broken(
      "slots",
      `${which} ${outcome} ${makesTask ? "without a" : "with a"} task.`,
      REPORT_IT,
    );
  }
  if (taskId !== null && taskId > books.highestTaskId) {
    return broken("slots", `${which} names task ${taskId}, which never was.`, REPORT_IT);
  }
  return kept("slots", count);
}

function openEntry(
  which: string,
  { name, isRemoved }: ScheduleBook,
  dueAt: Instant,
  { at, daemonLives }: Frame,
): Entry {
  if (isRemoved)
    return broken("slots", `${which} is open, and the schedule is removed.`, REPORT_IT);
  if (dueAt + OVERDUE_MS > at) return stillOpen("slots");
  const message = `${which} is due and has no outcome.`;
  if (!daemonLives) {
    return stillOpen("slots", { message, advice: "start a daemon with `sle daemon start`" });
  }
  return broken("slots", message, `see \`sle schedule show ${name}\` and the log of the daemon`);
}

function openProblems(
  { name, isRemoved }: ScheduleBook,
  slots: readonly SlotBook[],
): readonly Entry[] {
  const open = slots.filter(({ outcome }) => outcome === null).length;
  if (open > 1) return [odd("slots", `The schedule ${name} has ${open} open slots.`, REPORT_IT)];
  if (open === 1 || isRemoved) return [];
  const advice = `remove it with \`sle schedule rm ${name}\` and add it again`;
  return [odd("slots", `The schedule ${name} promises no further slot.`, advice)];
}

function overlaps({ name }: ScheduleBook, slots: readonly SlotBook[]): readonly Entry[] {
  return slots.flatMap(({ dueAt }, index) => {
    const before = slots[index - 1];
    if (before === undefined || before.untilAt < dueAt) return [];
    return [
      odd("slots", `The slot ${iso(dueAt)} of the schedule ${name} stands twice.`, REPORT_IT),
    ];
  });
}

/** A task belongs to one slot, and one that says it came of a schedule has one. */
function taskProblems({ slots, tasks }: Books): readonly Entry[] {
  const owners = Map.groupBy(slots, ({ taskId }) => taskId);
  return [
    ...[...owners].flatMap(([taskId, own]) =>
      taskId === null || own.length === 1
        ? []
        : [odd("slots", `Task ${taskId} belongs to ${own.length} slots.`, REPORT_IT)],
    ),
    ...tasks
      .filter(({ id, source }) => source === "schedule" && !owners.has(id))
      .map(({ id }) =>
        odd("slots", `Task ${id} came of a schedule, and no slot has it.`, REPORT_IT),
      ),
  ];
}
