import type { CommandSpec } from "../command.ts";
import { SCHEDULE_SPECS } from "./schedules.ts";
import { TASK_SPECS } from "./tasks.ts";
import { UPKEEP_SPECS } from "./upkeep.ts";
import { WATCHING_SPECS } from "./watching.ts";

/** Every command, in the order of the help. */
export const SPECS: readonly CommandSpec[] = [
  ...TASK_SPECS,
  ...SCHEDULE_SPECS,
  ...WATCHING_SPECS,
  ...UPKEEP_SPECS,
];

/** What a group does when it is called without a word of its own. */
export const GROUP_DEFAULTS: Readonly<Record<string, string>> = {
  trash: "list",
  schedule: "ls",
  project: "list",
  config: "show",
  template: "list",
};
