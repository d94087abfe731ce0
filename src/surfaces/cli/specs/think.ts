import type { CommandSpec } from "../command.ts";

/** `sle think`: the command a person types most, so its words are known without the others. */
export const THINK: CommandSpec = {
  name: "think",
  aliases: ["add"],
  group: "tasks",
  words: "[words...]",
  summary: "Queue a task: a thought, or serious work with -p",
  options: [
    { name: "project", short: "p", value: "name", summary: "project the task belongs to" },
    { name: "priority", value: "level", summary: "low, normal or high" },
    {
      name: "after",
      value: "tasks",
      repeatable: true,
      summary: "wait for these: 12, 12:verified, 12:landed, 12:failed, 12:finished",
    },
    {
      name: "chain",
      value: "condition",
      summary:
        "several tasks, each after the one before came to this: succeeded, verified, landed, failed, finished; from a file parted by lines of ---",
    },
    { name: "at", value: "time", summary: 'start no earlier: 22:00, "tomorrow 07:00", +2h' },
    { name: "night", summary: "start at night only" },
    { name: "deadline", value: "time", summary: 'wanted by then: 22:00, "fri 18:00", +2d' },
    { name: "retries", value: "n", summary: "how often it may be tried again" },
    { name: "timeout", value: "duration", summary: "longest time of one attempt: 30m, 2h" },
    { name: "budget", value: "amount", summary: "what all attempts may cost: 2usd, 300k tokens" },
    {
      name: "touches",
      value: "path",
      repeatable: true,
      summary: "what it will change, so that no other does meanwhile: src/api/, none",
    },
    { name: "model", value: "name", summary: "model to use" },
    { name: "executor", value: "name", summary: "executor to use" },
    {
      name: "isolation",
      value: "level",
      summary: "how far it is kept apart: sandbox, process, none",
    },
    { name: "file", short: "f", value: "path", summary: "read the text from a file, - for stdin" },
    {
      name: "template",
      value: "name",
      summary: "use this text: `sle template ls`; words are added to it",
    },
    {
      name: "set",
      value: "name=value",
      repeatable: true,
      summary: "a value for a parameter of the template",
    },
    { name: "dry-run", summary: "show what would be queued and queue nothing" },
    { name: "wait", summary: "stay until the task has ended" },
  ],
  load: async () => (await import("../commands/think.ts")).think,
};
