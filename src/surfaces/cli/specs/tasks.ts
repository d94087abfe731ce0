import type { CommandSpec } from "../command.ts";
import { THINK } from "./think.ts";

/** Commands that add and change tasks. */
export const TASK_SPECS: readonly CommandSpec[] = [
  THINK,
  {
    name: "template list",
    aliases: ["template ls"],
    group: "tasks",
    summary: "List the templates that tasks can be made of",
    load: async () => (await import("../commands/template.ts")).listTemplates,
  },
  {
    name: "template show",
    group: "tasks",
    words: "<name>",
    summary: "Show a template with its parameters",
    options: [{ name: "source", summary: "print its file, to begin one of your own with" }],
    load: async () => (await import("../commands/template.ts")).showTemplate,
  },
  {
    name: "cancel",
    group: "tasks",
    words: "<ids...>",
    summary: "Cancel tasks; what they did so far is kept",
    options: [
      { name: "reason", value: "text", summary: "why, for the record" },
      { name: "with-dependents", summary: "and all tasks that wait for them" },
    ],
    load: async () => (await import("../commands/cancel.ts")).cancel,
  },
  {
    name: "retry",
    group: "tasks",
    words: "<ids...>",
    summary: "Queue ended or waiting tasks again",
    options: [
      { name: "message", short: "m", value: "note", summary: "words for the agent" },
      {
        name: "budget",
        value: "amount",
        summary: "what all its attempts may cost now: 4usd, 900k tokens, none",
      },
    ],
    load: async () => (await import("../commands/change.ts")).retry,
  },
  {
    name: "land",
    group: "tasks",
    words: "<ids...>",
    summary: "Put verified results on their base branch, checked again where it moved",
    options: [{ name: "anyway", summary: "also what is not verified: you have looked at it" }],
    load: async () => (await import("../commands/land.ts")).land,
  },
  {
    name: "reject",
    group: "tasks",
    words: "<ids...>",
    summary: "Decline results: closes the pull request, removes the branch, keeps the work",
    options: [
      { name: "message", short: "m", value: "reason", summary: "why, for the pull request" },
    ],
    load: async () => (await import("../commands/land.ts")).reject,
  },
  {
    name: "preview",
    group: "tasks",
    words: "[project]",
    summary: "Try verified results together: what merges and passes, and in which order",
    load: async () => (await import("../commands/land.ts")).preview,
  },
  {
    name: "say",
    group: "tasks",
    words: "<id> <words...>",
    summary: "Say something to a running task",
    load: async () => (await import("../commands/change.ts")).say,
  },
  {
    name: "answer",
    group: "tasks",
    words: "<id> <words...>",
    summary: "Answer the question of a waiting task",
    load: async () => (await import("../commands/change.ts")).answer,
  },
  {
    name: "edit",
    group: "tasks",
    words: "<id>",
    summary: "Change the priority, the start or what a queued task waits for",
    options: [
      { name: "priority", value: "level", summary: "low, normal or high" },
      { name: "at", value: "time", summary: "start no earlier; `now` takes the time away" },
      {
        name: "after",
        value: "tasks",
        repeatable: true,
        summary: "wait for these instead: 12, 12:verified; `none` for nothing",
      },
    ],
    load: async () => (await import("../commands/change.ts")).edit,
  },
  {
    name: "prioritize",
    group: "tasks",
    words: "<ids...>",
    summary: "Give queued tasks high priority",
    load: async () => (await import("../commands/change.ts")).prioritize,
  },
  {
    name: "dead",
    group: "tasks",
    summary: "List the tasks that failed for good",
    options: [
      { name: "project", short: "p", value: "name", summary: "only of this project" },
      { name: "reason", value: "class", summary: "only those with this reason, such as crash" },
      { name: "retry-all", summary: "queue them all again" },
    ],
    load: async () => (await import("../commands/dead.ts")).dead,
  },
  {
    name: "restore",
    group: "tasks",
    words: "<id>",
    summary:
      "Bring back the workspace of a task as it was kept (the task itself: `sle trash restore`)",
    options: [
      {
        name: "attempt",
        value: "n",
        summary: "as this attempt, or a commit of --list, left it (newest)",
      },
      { name: "into", value: "folder", summary: "the files alone, into a new folder" },
      { name: "replace", summary: "keep what is in the task's folder now and put it aside first" },
      { name: "list", summary: "only list what can be brought back" },
    ],
    load: async () => (await import("../commands/restore.ts")).restore,
  },
  {
    name: "trash list",
    group: "tasks",
    summary: "List what is in the trash",
    load: async () => (await import("../commands/trash.ts")).listTrash,
  },
  {
    name: "trash add",
    group: "tasks",
    words: "<ids...>",
    summary: "Put ended tasks into the trash",
    load: async () => (await import("../commands/trash.ts")).addToTrash,
  },
  {
    name: "trash restore",
    group: "tasks",
    words: "<ids...>",
    summary: "Take tasks out of the trash; cancelled ones queue again (files: `sle restore`)",
    load: async () => (await import("../commands/trash.ts")).restoreFromTrash,
  },
  {
    name: "trash empty",
    aliases: ["clean"],
    group: "tasks",
    summary: "Delete for good what is in the trash",
    options: [
      { name: "older-than", value: "duration", summary: "only what is there for longer: 7d" },
      { name: "yes", short: "y", summary: "do not ask" },
    ],
    load: async () => (await import("../commands/trash.ts")).emptyTrash,
  },
];
