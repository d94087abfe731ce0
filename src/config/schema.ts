import { z } from "zod";
import {
  absolutePath,
  count,
  duration,
  line,
  listOf,
  oneOf,
  projectName,
  share,
  size,
  variableName,
} from "./kinds.ts";
import {
  isolationFrom,
  isolationSection,
  projectSection,
  projectsFrom,
} from "./isolation-schema.ts";
import { budgetsSection } from "./budgets-schema.ts";
import { forgeSection, forgesFrom, gitFrom, gitSection, hostName } from "./git-schema.ts";
import { hoursFrom, hoursSection, quotaFrom, quotaSection } from "./hours-schema.ts";
import { orderFrom, orderSection } from "./order-schema.ts";
import { queueFrom, queueSection } from "./queue-schema.ts";
import { registriesFrom, registriesSection } from "./registries-schema.ts";
import { setting } from "./setting.ts";
import { CLAUDE_CODE, LOG_LEVELS, type Settings } from "./settings.ts";

const attempts = z
  .strictObject({
    parallel_max: setting(count(1, 64), 2, "How many tasks run at the same time."),
    attempts_max: setting(count(1, 20), 3, "How often a task is tried before it counts as failed."),
    timeout: setting(duration("1s", "7d"), "2h", "Longest time one attempt may take."),
    stall: setting(duration("1s", "1d"), "15m", "Longest time an agent may give no sign of life."),
    grace: setting(
      duration("0s", "1h"),
      "30s",
      "How long a stopping agent may finish what it does.",
    ),
    avoid_conflicts: setting(
      z.boolean({ error: "must be true or false" }),
      true,
      "Whether tasks of a project that name the same files or folders wait for each other.",
    ),
    backoff_base: setting(
      duration("0s", "1d"),
      "30s",
      "Longest pause after the first failure, of which chance takes a part; doubles with each further one.",
    ),
    backoff_max: setting(
      duration("0s", "7d"),
      "1h",
      "What such a pause never passes; a time that the provider names comes before.",
    ),
  })
  .describe("How tasks are tried.");

const LOAD_ERROR = "must be a load for each processor from 0.1 to 1000";

const resources = z
  .strictObject({
    memory_free_min: setting(
      size("0B", "1TiB").nullable(),
      "1GiB",
      "No task starts with less free memory; null: not looked at.",
    ),
    disk_free_min: setting(
      size("0B", "1000TiB").nullable(),
      "2GiB",
      "No task starts with less free disk; null: not looked at.",
    ),
    load_max: setting(
      z
        .number({ error: LOAD_ERROR })
        .min(0.1, { error: LOAD_ERROR })
        .max(1000, { error: LOAD_ERROR })
        .nullable(),
      null,
      "No task starts from this load for each processor on, such as 2; null: not looked at.",
    ),
    battery_min: setting(
      share().nullable(),
      "30%",
      "No task starts below this share of a battery that nothing else powers; null: not looked at.",
    ),
  })
  .describe(
    "What this machine must have to spare. Beside others a task also waits for as much memory as agents of its kind took before.",
  );

const schedules = z
  .strictObject({
    pause_after: setting(
      count(2, 100).nullable(),
      3,
      "A schedule is paused once so many of its tasks in a row end with the same files, fail the same check, or succeed without an accepted result; null: never.",
    ),
  })
  .describe("Tasks that are asked for again and again.");

const claudeCode = z
  .strictObject({
    model: setting(
      line("the name of a model").nullable(),
      null,
      "Model of tasks that name none; null: Claude Code's own default.",
    ),
    path: setting(
      absolutePath().nullable(),
      null,
      "Absolute path of the program; null: yours when it is new enough, else the one that came along.",
    ),
    env: setting(
      listOf(variableName(), "names of environment variables"),
      [],
      "Names of environment variables that agents get; they get no others of yours.",
    ),
    allowed_tools: setting(
      listOf(line("the name of a tool"), "names of tools"),
      ["Bash", "Edit", "Glob", "Grep", "NotebookEdit", "Read", "Task", "TodoWrite", "Write"],
      "Tools that agents may use without asking; all others are denied.",
    ),
  })
  .describe("Claude Code.");

const command = z.strictObject(
  {
    command: listOf(line("a program or an argument"), "a program and its arguments", 1),
    env: listOf(variableName(), "names of environment variables").prefault([]),
  },
  { error: "must have `command`, a list of a program and its arguments" },
);

const executorName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/u, {
    error: "must be named with lower-case letters, digits and -",
  })
  .refine((name) => name !== CLAUDE_CODE, {
    error: `cannot be named ${CLAUDE_CODE}, which is always there`,
  });

const executors = z
  .strictObject({
    default: setting(
      line("the name of an executor"),
      CLAUDE_CODE,
      "Who does tasks that name no executor: claude-code or one of `commands`.",
    ),
    claude_code: claudeCode.prefault({}),
    commands: setting(
      z.record(executorName, command, { error: "must be a map of names to commands" }),
      {},
      "Programs of your own, such as `my-agent: { command: [/usr/bin/my-agent, --yes], env: [] }`; the prompt comes on standard input.",
    ),
  })
  .describe("Who does the work.");

const log = z
  .strictObject({
    level: setting(oneOf(LOG_LEVELS), "info", "How much is logged: debug, info, warn or error."),
    files_max: setting(count(1, 100), 5, "How many log files are kept."),
    file_bytes_max: setting(size("64KiB", "1GiB"), "10MiB", "Largest size of one log file."),
  })
  .describe("Log files, in data/logs of the home.");

const settingsObject = z.strictObject({
  attempts: attempts.prefault({}),
  hours: hoursSection.prefault({}),
  quota: quotaSection.prefault({}),
  resources: resources.prefault({}),
  budgets: budgetsSection.prefault({}),
  queue: queueSection.prefault({}),
  order: orderSection.prefault({}),
  schedules: schedules.prefault({}),
  executors: executors.prefault({}),
  isolation: isolationSection.prefault({}),
  registries: registriesSection.prefault({}),
  git: gitSection.prefault({}),
  forges: setting(
    z.record(hostName(), forgeSection, { error: "must be a map of hosts to forges" }),
    {},
    "Where repositories are, by host, such as `github.com: { kind: github, token: GITHUB_TOKEN }`; `token` names the variable that holds it, in the environment or in the file .env of the home.",
  ),
  projects: setting(
    z.record(projectName(), projectSection, { error: "must be a map of names to projects" }),
    {},
    "What is different for single projects, such as `backend: { timeout: 4h, publish: branch, folders: [services/api], protected: { closed: [deploy/**] }, isolation: { memory: 8GiB, hosts: [git.example.org] } }`; lists add to those for all.",
  ),
  workspaces: keeping("30d", "How long the folder of a finished task stays.", "Folders of tasks."),
  results: keeping("90d", "How long transcripts and final texts stay.", "Results of attempts."),
  trash: keeping("30d", "How long trashed tasks can be restored.", "The trash."),
  log: log.prefault({}),
});

/** The written form of all settings: names in snake case, units in the values. */
export const SETTINGS_SCHEMA: z.ZodObject = settingsObject;

/** Whole settings, or everything that is wrong with the written ones. */
export type ParsedSettings =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly issues: readonly z.core.$ZodIssue[] };

/** Checks written settings, fills in defaults and answers them in their own units. */
export function parseSettings(written: unknown, systemTimeZone: string): ParsedSettings {
  const parsed = settingsObject.safeParse(written);
  if (!parsed.success) return { ok: false, issues: parsed.error.issues };
  return { ok: true, settings: settingsFrom(parsed.data, systemTimeZone) };
}

function settingsFrom(data: z.output<typeof settingsObject>, systemTimeZone: string): Settings {
  return {
    attempts: {
      parallelMax: data.attempts.parallel_max,
      attemptsMax: data.attempts.attempts_max,
      timeoutMs: data.attempts.timeout,
      stallMs: data.attempts.stall,
      graceMs: data.attempts.grace,
      avoidsConflicts: data.attempts.avoid_conflicts,
      backoffBaseMs: data.attempts.backoff_base,
      backoffMaxMs: data.attempts.backoff_max,
    },
    hours: hoursFrom(data.hours, systemTimeZone),
    quota: quotaFrom(data.quota),
    resources: {
      memoryFreeMinBytes: data.resources.memory_free_min,
      diskFreeMinBytes: data.resources.disk_free_min,
      loadMax: data.resources.load_max,
      batteryMin: data.resources.battery_min,
    },
    budgets: data.budgets,
    queue: queueFrom(data.queue),
    order: orderFrom(data.order),
    schedules: { pauseAfter: data.schedules.pause_after },
    executors: executorsFrom(data.executors),
    isolation: isolationFrom(data.isolation),
    registries: registriesFrom(data.registries),
    git: gitFrom(data.git),
    forges: forgesFrom(data.forges),
    projects: projectsFrom(data.projects),
    workspaces: { keepMs: data.workspaces.keep },
    results: { keepMs: data.results.keep },
    trash: { keepMs: data.trash.keep },
    log: {
      level: data.log.level,
      filesMax: data.log.files_max,
      fileBytesMax: data.log.file_bytes_max,
    },
  };
}

function executorsFrom(data: z.output<typeof executors>): Settings["executors"] {
  const { model, path, env, allowed_tools: allowedTools } = data.claude_code;
  return {
    default: data.default,
    claudeCode: { model, path, env, allowedTools },
    commands: data.commands,
  };
}

type Keeping = z.ZodPrefault<z.ZodObject<{ keep: z.ZodPrefault<z.ZodType<number>> }>>;

function keeping(written: string, description: string, title: string): Keeping {
  const keep = setting(duration("1h", "3650d"), written, description);
  return z.strictObject({ keep }).describe(title).prefault({});
}
