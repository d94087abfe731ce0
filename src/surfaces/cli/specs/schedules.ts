import type { CommandSpec, OptionSpec } from "../command.ts";
import { THINK } from "./think.ts";

/** What `think` takes that is about one task, or about the call itself. */
const OF_ONE_TASK: ReadonlySet<string> = new Set([
  "chain",
  "after",
  "at",
  "deadline",
  "dry-run",
  "wait",
]);

const ZONE: OptionSpec = {
  name: "tz",
  value: "zone",
  summary: "time zone, such as Europe/Berlin (hours.time_zone of the settings)",
};

/** Commands for tasks that come again. */
export const SCHEDULE_SPECS: readonly CommandSpec[] = [
  {
    name: "schedule add",
    group: "tasks",
    words: "<cron> [words...]",
    summary: 'Queue a task again and again: "0 2 * * 1-5" is 02:00 from Monday to Friday',
    options: [
      { name: "name", value: "name", summary: "what it is called (made from the text)" },
      ZONE,
      {
        name: "catch-up",
        value: "policy",
        summary: "what nobody was awake for: skip, last or all, at most 24 (last)",
      },
      {
        name: "overlap",
        value: "policy",
        summary: "while the task before has not ended: skip or queue (skip; with all: queue)",
      },
      { name: "deadline-in", value: "duration", summary: "wanted so long after its time: 6h" },
      ...(THINK.options ?? []).filter(({ name }) => !OF_ONE_TASK.has(name)),
    ],
    load: async () => (await import("../commands/schedule-add.ts")).addSchedule,
  },
  {
    name: "schedule ls",
    group: "tasks",
    summary: "List the schedules with their next time",
    load: async () => (await import("../commands/schedule.ts")).listSchedules,
  },
  {
    name: "schedule show",
    group: "tasks",
    words: "<name>",
    summary: "Show a schedule: its next times, and what came of the last ones",
    load: async () => (await import("../commands/schedule.ts")).showSchedule,
  },
  {
    name: "schedule pause",
    group: "tasks",
    words: "<name>",
    summary: "Skip its times until it goes on",
    options: [{ name: "reason", value: "text", summary: "why, for the record" }],
    load: async () => (await import("../commands/schedule.ts")).pauseSchedule,
  },
  {
    name: "schedule resume",
    group: "tasks",
    words: "<name>",
    summary: "Let it go on",
    load: async () => (await import("../commands/schedule.ts")).resumeSchedule,
  },
  {
    name: "schedule rm",
    group: "tasks",
    words: "<name>",
    summary: "Remove it; its tasks stay",
    load: async () => (await import("../commands/schedule.ts")).removeSchedule,
  },
  {
    name: "schedule preview",
    group: "tasks",
    words: "<cron>",
    summary: "Say when a cron comes next; adds nothing",
    options: [ZONE],
    load: async () => (await import("../commands/schedule-add.ts")).previewSchedule,
  },
];
