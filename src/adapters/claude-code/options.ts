import type { Options, SpawnedProcess, SpawnOptions } from "@anthropic-ai/claude-agent-sdk";
import type { Instant } from "../../core/task.ts";
import type { RunSpec } from "../../ports/executor.ts";
import type { Confinement, Launcher } from "../../ports/launcher.ts";

/** Whose quota Claude Code uses. */
export const CLAUDE_PROVIDER = "anthropic";

/** What the composition gives. */
export interface ClaudeCodeOptions {
  readonly launcher: Launcher;
  readonly now: () => Instant;
  /**
   * The complete environment of the agent (see cleanEnvironment): HOME or CLAUDE_CONFIG_DIR lead to
   * the user's own login; ANTHROPIC_API_KEY, CLAUDE_CODE_OAUTH_TOKEN, ANTHROPIC_BASE_URL as allowed.
   */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path of the program to use; else `claude` on PATH, else the SDK's own. */
  readonly executable?: string;
  /** The SDK's own program; null says there is none. Found by itself when absent. */
  readonly bundled?: string | null;
  readonly allowedTools?: readonly string[];
  /** How runs are fenced in; absent: they are not. */
  readonly fence?: ClaudeFence;
}

/** What a fence around the CLI is made of. */
export interface ClaudeFence {
  readonly confine: (spec: RunSpec) => Confinement;
  /** The folder in which the CLI of a task keeps its sessions; only the task itself trusts it. */
  readonly stateFolder: (taskId: number) => string;
}

/** Tools that an agent may use without being asked; all others are denied. */
export const ALLOWED_TOOLS_DEFAULT: readonly string[] = [
  "Bash",
  "Edit",
  "NotebookEdit",
  "Read",
  "ReportFindings",
  "Skill",
  "Task",
  "TaskStop",
  "ToolSearch",
  "WebFetch",
  "WebSearch",
  "Write",
];

/** Tools that make no sense in an attempt, which begins and ends with its process. */
const REMOVED_TOOLS: readonly string[] = [
  "AskUserQuestion",
  "CronCreate",
  "CronDelete",
  "CronList",
  "EnterWorktree",
  "ExitWorktree",
  "ListAgents",
  "Monitor",
  "ScheduleWakeup",
  "SendMessage",
  "Workflow",
];

/** Set for every run, whatever the composition allows besides; session state tells when it is idle. */
const FIXED_ENVIRONMENT: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: "1",
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  CLAUDE_CODE_EMIT_SESSION_STATE_EVENTS: "1",
  CLAUDE_CODE_STARTUP_FAILURE_RESULTS: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_TELEMETRY: "1",
};

/**
 * Never passed on: the first leaves litter in the workspace and in the folders above it, the second
 * waits for hours inside the process where the task should be parked.
 */
const FORBIDDEN_VARIABLES: ReadonlySet<string> = new Set([
  "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB",
  "CLAUDE_CODE_RETRY_WATCHDOG",
]);

/** What one process of the CLI needs to know. */
export interface LegSpec {
  readonly spec: RunSpec;
  readonly sessionId: string;
  readonly resume: boolean;
  readonly binary: string;
  /** The workspace's own instructions, as text. */
  readonly instructions: string;
  readonly env: Readonly<Record<string, string>>;
  readonly allowedTools: readonly string[];
  readonly spawn: (options: SpawnOptions) => SpawnedProcess;
}

/** The SDK's options: nothing is read from the workspace, nobody is ever asked. */
export function sdkOptions(leg: LegSpec): Options {
  const { resume, sessionId, spec } = leg;
  return {
    cwd: spec.workspace,
    env: fixedEnvironment(leg.env),
    pathToClaudeCodeExecutable: leg.binary,
    spawnClaudeCodeProcess: leg.spawn,
    ...(resume ? { resume: sessionId } : { sessionId }),
    // The CLI knows the price of a call at once, we only at the end of a run.
    ...(spec.budgetUsd === undefined ? {} : { maxBudgetUsd: spec.budgetUsd }),
    ...(spec.model === null ? {} : { model: spec.model }),
    // A settings file in a repository could run hooks and send the key elsewhere.
    settingSources: [],
    strictMcpConfig: true,
    permissionMode: "dontAsk",
    allowedTools: [...leg.allowedTools],
    disallowedTools: [...REMOVED_TOOLS, ...spec.readable.flatMap(writeRules)],
    additionalDirectories: [...spec.readable],
    systemPrompt: { type: "preset", preset: "claude_code", append: appended(leg) },
    // A task's text comes from anywhere: no slash command in it is run, no file named in it is read.
    verbatimPrompts: true,
    includePartialMessages: true,
  };
}

/** The environment in which only the use of the plan is asked for: the rest it would do is still off. */
export function askingEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: _, ...others } = fixedEnvironment(env);
  return others;
}

/** The environment of every process of the CLI: it asks for nothing that the work does not need. */
export function fixedEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const allowed = Object.entries(env).filter(([name]) => !FORBIDDEN_VARIABLES.has(name));
  return { ...Object.fromEntries(allowed), ...FIXED_ENVIRONMENT };
}

/** A readable folder must not be written by the file tools. */
function writeRules(folder: string): readonly string[] {
  return [`Edit(/${folder}/**)`, `Write(/${folder}/**)`, `NotebookEdit(/${folder}/**)`];
}

function appended({ instructions, spec }: LegSpec): string {
  const unattended =
    "You work unattended: nobody can answer questions or approve anything while you work. Decide for yourself, and end with a short report of what you did and what is left.";
  const readable =
    spec.readable.length === 0 ? "" : `You may read, but not change: ${spec.readable.join(", ")}`;
  const own = instructions === "" ? "" : `The instructions in CLAUDE.md:\n\n${instructions}`;
  return [unattended, readable, own].filter((part) => part !== "").join("\n\n");
}
