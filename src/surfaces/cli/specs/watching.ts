import type { CommandSpec, OptionSpec } from "../command.ts";

const ATTEMPT: OptionSpec = {
  name: "attempt",
  value: "n",
  summary: "of this attempt (the newest that has one)",
};

const UNTIL: OptionSpec = {
  name: "until",
  value: "time",
  summary: "such as 08:00 (when the next night has ended)",
};

/** Commands that only look; all of them work with the daemon down. */
export const WATCHING_SPECS: readonly CommandSpec[] = [
  {
    name: "check",
    aliases: ["status"],
    group: "watching",
    summary: "Show how everything stands (bare `sle` does the same)",
    load: async () => (await import("../commands/check.ts")).check,
  },
  {
    name: "watch",
    group: "watching",
    summary: "Follow everything live; one JSON event a line when piped",
    options: [{ name: "since", value: "seq", summary: "when piped: begin after this event" }],
    load: async () => (await import("../commands/watch.ts")).watch,
  },
  {
    name: "ls",
    aliases: ["list"],
    group: "watching",
    summary: "List tasks, newest first",
    options: [
      { name: "state", value: "states", repeatable: true, summary: "only these, such as queued" },
      { name: "project", short: "p", value: "name", summary: "only of this project" },
      { name: "limit", value: "n", summary: "at most so many (20)" },
    ],
    load: async () => (await import("../commands/ls.ts")).ls,
  },
  {
    name: "show",
    group: "watching",
    words: "<id>",
    summary: "Show a task with its attempts and result",
    load: async () => (await import("../commands/show.ts")).show,
  },
  {
    name: "why",
    group: "watching",
    words: "<id>",
    summary: "Say why a task stands where it stands",
    load: async () => (await import("../commands/why.ts")).why,
  },
  {
    name: "plan",
    group: "watching",
    summary: "Show what will start when, and what will not fit into the night",
    options: [UNTIL],
    load: async () => (await import("../commands/plan.ts")).plan,
  },
  {
    name: "what-if",
    group: "watching",
    summary: "Show what other settings would make of the night; changes nothing",
    options: [
      { name: "threshold-day", value: "share", summary: "such as 40%" },
      { name: "threshold-night", value: "share", summary: "such as 90%" },
      { name: "threshold-week", value: "share", summary: "of windows of more than a day" },
      { name: "hold-back", value: "how", summary: "careful, typical or off" },
      { name: "parallel", value: "n", summary: "attempts at once" },
      UNTIL,
    ],
    load: async () => (await import("../commands/what-if.ts")).whatIf,
  },
  {
    name: "logs",
    group: "watching",
    words: "<id>",
    summary: "Show what the newest attempt of a task did",
    options: [
      { name: "follow", short: "f", summary: "go on until the attempt ends" },
      { name: "lines", short: "n", value: "n", summary: "so many lines from the end (100)" },
    ],
    load: async () => (await import("../commands/logs.ts")).logs,
  },
  {
    name: "diff",
    group: "watching",
    words: "<id>",
    summary: "Print what a task changed",
    options: [ATTEMPT],
    load: async () => (await import("../commands/diff.ts")).diff,
  },
  {
    // Before `receipt`, which would take the word for a number.
    name: "receipt verify",
    group: "watching",
    words: "<id>",
    summary: "Check that a receipt is what was sealed; needs no daemon",
    options: [ATTEMPT],
    load: async () => (await import("../commands/receipt.ts")).verifyReceipt,
  },
  {
    name: "receipt",
    group: "watching",
    words: "<id>",
    summary: "Show the evidence behind a verdict: checks, commits, hash",
    options: [ATTEMPT],
    load: async () => (await import("../commands/receipt.ts")).receipt,
  },
  {
    name: "report",
    group: "watching",
    words: "[what]",
    summary: "Write a report in Markdown: of today, a day, a task or a project",
    options: [{ name: "list", summary: "list what there are reports of" }],
    load: async () => (await import("../commands/report.ts")).report,
  },
  {
    name: "audit",
    group: "watching",
    summary: "Balance the books: every slot, task, retry and message came out, or is still to come",
    load: async () => (await import("../commands/audit.ts")).audit,
  },
  {
    name: "usage",
    aliases: ["metrics"],
    group: "watching",
    summary: "Show quota windows and what was spent",
    options: [{ name: "since", value: "time", summary: "count from here: 7d, yesterday (24h)" }],
    load: async () => (await import("../commands/usage.ts")).usage,
  },
];
