import type { Budget, BudgetRules } from "../core/budget.ts";
import type { AdmissionRules } from "../core/hold.ts";
import type { HoursRules } from "../core/hours.ts";
import type { IsolationLevel } from "../core/isolation.ts";
import type { OrderRules } from "../core/order.ts";
import type { ProtectedPathsPatch } from "../core/protected-paths.ts";
import type { PublishMode } from "../core/publish.ts";
import type { QueueLimits } from "../core/queue.ts";
import type { QuotaRules } from "../core/quota.ts";
import type { RetryRules } from "../core/retry.ts";

/** How much is logged: each level includes those after it. */
export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Every setting, checked, in the units its name tells. */
export interface Settings {
  readonly attempts: {
    readonly parallelMax: number;
    readonly attemptsMax: number;
    readonly timeoutMs: number;
    readonly stallMs: number;
    readonly graceMs: number;
    readonly avoidsConflicts: boolean;
    readonly backoffBaseMs: number;
    readonly backoffMaxMs: number;
  };
  readonly hours: HoursRules;
  readonly quota: QuotaRules;
  readonly resources: {
    /** Null: not judged. */
    readonly memoryFreeMinBytes: number | null;
    readonly diskFreeMinBytes: number | null;
    readonly loadMax: number | null;
    readonly batteryMin: number | null;
  };
  readonly budgets: BudgetSettings;
  readonly queue: QueueLimits;
  /** The weights of projects are with them. */
  readonly order: Omit<OrderRules, "weights">;
  /** After so many tasks in a row that get nowhere a schedule is paused; null: never. */
  readonly schedules: { readonly pauseAfter: number | null };
  readonly executors: {
    readonly default: string;
    readonly claudeCode: ClaudeCodeSettings;
    readonly commands: Readonly<Record<string, CommandSettings>>;
  };
  readonly isolation: IsolationSettings;
  readonly registries: RegistrySettings;
  readonly git: GitSettings;
  /** By the name of their host. */
  readonly forges: Readonly<Record<string, ForgeSettings>>;
  readonly projects: Readonly<Record<string, ProjectSettings>>;
  readonly workspaces: { readonly keepMs: number };
  readonly results: { readonly keepMs: number };
  readonly trash: { readonly keepMs: number };
  readonly log: {
    readonly level: LogLevel;
    readonly filesMax: number;
    readonly fileBytesMax: number;
  };
}

/** What tasks may cost. */
export interface BudgetSettings extends BudgetRules {
  /** Of all attempts of a task that asks for no budget. */
  readonly task: Budget | null;
}

/** What makes containers, in the order in which it is looked for. */
export const CONTAINER_ENGINES = ["podman", "docker"] as const;

/** What agents may use. */
export interface IsolationSettings {
  readonly level: IsolationLevel;
  /** What makes containers, for all projects; null: whichever is there. */
  readonly engine: (typeof CONTAINER_ENGINES)[number] | null;
  /** What containers are made of, for all projects; null: none is named. */
  readonly image: string | null;
  /** Absolute paths besides the workspace. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Hosts besides the model service. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  /** Null: no limit. */
  readonly memoryBytes: number | null;
  readonly cpus: number | null;
  readonly processes: number | null;
  readonly fileBytes: number | null;
  readonly diskBytes: number | null;
  readonly files: number | null;
}

/** How commits are signed. */
export const SIGNING_FORMATS = ["none", "ssh", "gpg"] as const;

/** How results are committed and where they go. */
export interface GitSettings {
  readonly publish: PublishMode;
  readonly branch: string;
  readonly message: string;
  readonly authorName: string;
  readonly authorEmail: string;
  readonly signing: (typeof SIGNING_FORMATS)[number];
  /** Never null when commits are signed. */
  readonly signingKey: string | null;
}

/** Forges that are known how to be spoken to. */
export const FORGE_KINDS = ["github", "gitlab", "gitea"] as const;

/** How a forge is reached, and as whom. */
export interface ForgeSettings {
  readonly kind: (typeof FORGE_KINDS)[number];
  /** Address of its programming interface; null: the usual one of its kind and host. */
  readonly api: string | null;
  /** Name of the environment variable that holds a token. */
  readonly tokenVariable: string | null;
  /** A GitHub App instead of a token. */
  readonly app: {
    readonly id: number;
    /** Null: found by the repository. */
    readonly installation: number | null;
    /** Path of its private key. */
    readonly key: string;
  } | null;
  /** Path of the key for git over ssh; null: the person's own. */
  readonly sshKey: string | null;
}

/** What is different for one project. */
export interface ProjectSettings {
  /** Null: as for all. */
  readonly publish: PublishMode | null;
  readonly protected: ProtectedPathsPatch;
  /** The folders of its repository that tasks get; none: all. */
  readonly folders: readonly string[];
  /** Null: as for all. */
  readonly timeoutMs: number | null;
  /** How many turns it gets for one of another project; null: one. */
  readonly weight: number | null;
  /** What is absent is as for all. */
  readonly isolation: Partial<IsolationSettings>;
}

const NOTHING_DIFFERENT: ProjectSettings = {
  timeoutMs: null,
  weight: null,
  publish: null,
  protected: {},
  folders: [],
  isolation: {},
};

/** What is different for a project; nothing for one that the settings do not name. */
export function projectOf({ projects }: Pick<Settings, "projects">, name: string): ProjectSettings {
  return projects[name] ?? NOTHING_DIFFERENT;
}

/** Where packages come from: as the person's own tool has it, from nowhere, or from this address. */
export interface RegistrySettings {
  readonly npm: "auto" | "off" | URL;
  readonly pip: "auto" | "off" | URL;
  readonly cargo: "auto" | "off" | URL;
  readonly cacheBytesMax: number;
}

/** How Claude Code is run. */
export interface ClaudeCodeSettings {
  /** Null: the agent's own default. */
  readonly model: string | null;
  /** Absolute path of the program; null: found by itself. */
  readonly path: string | null;
  /** Names of environment variables that are passed on. */
  readonly env: readonly string[];
  readonly allowedTools: readonly string[];
}

/** A program that works as an executor: the prompt comes on its standard input. */
export interface CommandSettings {
  /** The program and its arguments; never a shell line. */
  readonly command: readonly string[];
  readonly env: readonly string[];
}

/** The name of the executor that is always there. */
export const CLAUDE_CODE = "claude-code";

/** What admission judges by. */
export function admissionRules(settings: Settings): AdmissionRules {
  return {
    parallelMax: settings.attempts.parallelMax,
    executorDefault: settings.executors.default,
    avoidsConflicts: settings.attempts.avoidsConflicts,
    hours: settings.hours,
    quota: settings.quota,
    ...settings.resources,
    budgets: budgetRules(settings),
    order: { ...settings.order, weights: weightsOf(settings) },
  };
}

function weightsOf({ projects }: Settings): OrderRules["weights"] {
  const weights = Object.entries(projects).flatMap(([name, { weight }]) =>
    weight === null ? [] : [[name, weight] as const],
  );
  return Object.fromEntries(weights);
}

function budgetRules({ budgets }: Settings): BudgetRules {
  const { attempt, project, night, day } = budgets;
  return { attempt, project, night, day };
}

/** How failed attempts are spaced. */
export function retryRules(settings: Settings): RetryRules {
  const { backoffBaseMs, backoffMaxMs } = settings.attempts;
  return { backoffBaseMs, backoffMaxMs };
}
