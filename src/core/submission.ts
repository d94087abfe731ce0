import type { Budget } from "./budget.ts";
import { CONTROL_CHARACTER, TERMINAL_ESCAPE } from "./control.ts";
import { NO_BUDGET, parseBudget } from "./budget-text.ts";
import type { Dependency } from "./dependency.ts";
import { type DependencyInput, dependenciesFrom, dependenciesProblem } from "./dependency-input.ts";
import { formatDuration } from "./duration.ts";
import { iso } from "./iso.ts";
import { ISOLATION_LEVELS, isFenced, type IsolationLevel } from "./isolation.ts";
import { checkProjectName } from "./project-name.ts";
import {
  PRIORITIES,
  TASK_KINDS,
  type Instant,
  type Priority,
  type Source,
  type TaskKind,
  type TaskTemplate,
} from "./task.ts";
import { printableLine } from "./terminal.ts";
import { parseTouches, touchesIn } from "./touches.ts";

/** Longest text of a task in bytes of UTF-8: some 60,000 tokens, already a large part of a model's memory. */
export const TEXT_MAX_BYTES = 262_144;
/** Shortest limit of time for an attempt. */
const TIMEOUT_MIN_MS = 1000;
/** Longest limit of time for an attempt. */
const TIMEOUT_MAX_MS: number = 7 * 86_400_000;
/** Most attempts a task may have. */
const ATTEMPTS_MAX = 100;
/** How much of a wrong word a message repeats. */
const SHOWN_MAX = 60;

/** What a person asks for, as typed or sent; what is absent or null is left to us. */
export interface SubmissionInput {
  readonly text: string;
  readonly project?: string | null | undefined;
  readonly kind?: string | null | undefined;
  readonly priority?: string | null | undefined;
  readonly executor?: string | null | undefined;
  readonly model?: string | null | undefined;
  readonly timeoutMs?: number | null | undefined;
  readonly isolation?: string | null | undefined;
  /** As written: `2usd`, `300k tokens`; null: what the settings give a task. */
  readonly budget?: string | null | undefined;
  readonly attemptsMax?: number | null | undefined;
  readonly notBefore?: Instant | null | undefined;
  readonly nightOnly?: boolean | null | undefined;
  readonly deadlineAt?: Instant | null | undefined;
  /** Paths as written, or `none`; absent or null: those that the text names. */
  readonly touches?: readonly string[] | null | undefined;
  readonly dependsOn?: readonly DependencyInput[] | null | undefined;
  /** What the text was made of, for the record. */
  readonly template?: TaskTemplate | null | undefined;
}

/** What a submission is checked against. */
export interface SubmissionContext {
  readonly now: Instant;
  /** How many attempts a task has that asks for no number. */
  readonly attemptsMaxDefault: number;
  /** The budget of a task that asks for none; null or absent: no limit. */
  readonly budgetDefault?: Budget | null;
  readonly source: Source;
}

/** A checked submission. */
export interface Submission {
  readonly kind: TaskKind;
  readonly priority: Priority;
  readonly text: string;
  readonly project: string | null;
  readonly executor: string | null;
  readonly model: string | null;
  readonly timeoutMs: number | null;
  readonly isolation: IsolationLevel | null;
  readonly budget: Budget | null;
  readonly attemptsMax: number;
  readonly notBefore: Instant | null;
  readonly nightOnly: boolean;
  readonly deadlineAt: Instant | null;
  readonly touches: readonly string[];
  readonly dependsOn: readonly Dependency[];
  readonly template: TaskTemplate | null;
}

/** What is wrong with one field, in one sentence that says what to do. */
export interface SubmissionProblem {
  readonly field: keyof SubmissionInput;
  readonly message: string;
}

/** A submission with what was changed in its text, or everything that is wrong with it at once. */
export type CheckedSubmission =
  | { readonly ok: true; readonly submission: Submission; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly SubmissionProblem[] };

/** Checks and completes what a person asks for. */
export function checkSubmission(
  input: SubmissionInput,
  context: SubmissionContext,
): CheckedSubmission {
  const problems = [...problemsOf(input, context)];
  if (problems.length > 0) return { ok: false, problems };
  const { text, warnings } = cleanText(input.text);
  const project = input.project ?? null;
  const submission: Submission = {
    kind:
      TASK_KINDS.find((kind) => kind === input.kind) ?? (project === null ? "thought" : "serious"),
    priority: PRIORITIES.find((priority) => priority === input.priority) ?? "normal",
    text,
    project,
    executor: input.executor ?? null,
    model: input.model ?? null,
    timeoutMs: input.timeoutMs ?? null,
    isolation: ISOLATION_LEVELS.find((level) => level === input.isolation) ?? null,
    budget: budgetOf(input, context),
    attemptsMax: input.attemptsMax ?? context.attemptsMaxDefault,
    notBefore: input.notBefore ?? null,
    nightOnly: input.nightOnly ?? false,
    deadlineAt: input.deadlineAt ?? null,
    touches: touchesOf(input, text),
    dependsOn: dependenciesFrom(input.dependsOn ?? []),
    template: input.template ?? null,
  };
  return { ok: true, submission, warnings };
}

/** A text as it is kept, or why it cannot be that of a task. */
export type CheckedText =
  | { readonly ok: true; readonly text: string; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** Checks and cleans the text of a task. */
export function checkText(text: string): CheckedText {
  const message = textProblem(text);
  return message === null ? { ok: true, ...cleanText(text) } : { ok: false, message };
}

/**
 * The text as it is kept: without terminal escapes and control characters (newline and tab stay),
 * with line ends as newlines, broken characters replaced, and no white space around it.
 */
export function cleanText(text: string): {
  readonly text: string;
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const whole = text.toWellFormed();
  if (whole !== text) warnings.push("Broken characters in the text were replaced.");
  const plain = whole.replace(TERMINAL_ESCAPE, "");
  if (plain !== whole) warnings.push("Terminal escape sequences in the text were removed.");
  const lines = plain.replace(/\r\n?/gu, "\n");
  const clean = lines.replace(CONTROL_CHARACTER, "");
  if (clean !== lines) warnings.push("Control characters in the text were removed.");
  return { text: clean.trim(), warnings };
}

function* problemsOf(
  input: SubmissionInput,
  context: SubmissionContext,
): Generator<SubmissionProblem> {
  const { project, timeoutMs, attemptsMax } = input;
  yield* problem("text", textProblem(input.text));
  if (project != null) {
    const name = checkProjectName(project);
    if (!name.ok) yield { field: "project", message: name.message };
  }
  yield* problem("kind", kindProblem(input));
  yield* problem("priority", choiceProblem("priority", input.priority, PRIORITIES));
  yield* problem("isolation", isolationProblem(input.isolation, context.source));
  yield* problem("executor", nameProblem("executor", input.executor));
  yield* problem("model", nameProblem("model", input.model));
  if (timeoutMs != null && !(timeoutMs >= TIMEOUT_MIN_MS && timeoutMs <= TIMEOUT_MAX_MS)) {
    const range = `from ${formatDuration(TIMEOUT_MIN_MS)} to ${formatDuration(TIMEOUT_MAX_MS)}`;
    yield { field: "timeoutMs", message: `The time limit of an attempt may be ${range}.` };
  }
  yield* problem("budget", budgetProblem(input.budget, context.source));
  if (attemptsMax != null && !isWholeBetween(attemptsMax, 1, ATTEMPTS_MAX)) {
    const message = `The number of attempts may be a whole number from 1 to ${ATTEMPTS_MAX}.`;
    yield { field: "attemptsMax", message };
  }
  yield* problem("notBefore", notBeforeProblem(input.notBefore, context.now));
  yield* problem("deadlineAt", deadlineProblem(input, context.now));
  yield* problem("touches", touchesProblem(input));
  yield* problem("dependsOn", dependenciesProblem(input.dependsOn ?? []));
}

function* problem(
  field: keyof SubmissionInput,
  message: string | null,
): Generator<SubmissionProblem> {
  if (message !== null) yield { field, message };
}

function textProblem(text: string): string | null {
  const bytes = utf8Bytes(text);
  if (bytes > TEXT_MAX_BYTES) {
    const sizes = `${bytes} bytes long, at most ${TEXT_MAX_BYTES} are taken`;
    return `The text is ${sizes}; put the details into a file of the project and name it.`;
  }
  // Something that can be seen: marks, spaces and invisible characters alone ask for nothing.
  // Most texts have a plain letter, and asking for that first spares a start-up the large pattern.
  const clean = cleanText(text).text;
  if (/\w/.test(clean) || /[\p{L}\p{N}\p{P}\p{S}]/u.test(clean)) return null;
  return "The text is empty; say what is to be done.";
}

function kindProblem({ kind, project }: SubmissionInput): string | null {
  if (kind === "serious" && project == null) {
    return "A serious task belongs to a project; name one with `-p`.";
  }
  if (kind === "thought" && project != null) {
    return "A thought has no project; leave out the project or the kind.";
  }
  return choiceProblem("kind", kind, TASK_KINDS);
}

/** Whoever is at the machine may loosen what protects it; what comes from elsewhere may not. */
function isolationProblem(given: string | null | undefined, source: Source): string | null {
  const unknown = choiceProblem("isolation", given, ISOLATION_LEVELS);
  if (unknown !== null || given == null || source === "cli") return unknown;
  if (isFenced(given as IsolationLevel)) return null;
  return `Only the command line may ask for the isolation ${given}.`;
}

function budgetProblem(given: string | null | undefined, source: Source): string | null {
  if (given == null) return null;
  if (given === NO_BUDGET) {
    return source === "cli" ? null : "Only the command line may ask for no budget; give one.";
  }
  const read = parseBudget(given);
  return read.ok ? null : `The budget ${read.message}`;
}

function budgetOf({ budget }: SubmissionInput, context: SubmissionContext): Budget | null {
  if (budget == null) return context.budgetDefault ?? null;
  const read = parseBudget(budget);
  return read.ok ? read.value : null;
}

function choiceProblem(
  what: string,
  given: string | null | undefined,
  choices: readonly string[],
): string | null {
  if (given == null || choices.includes(given)) return null;
  return `There is no ${what} "${printableLine(given, SHOWN_MAX)}"; choose one of ${choices.join(", ")}.`;
}

/** Never a leading dash: the name may become an argument of a program. */
const NAME = /^[a-z0-9][a-z0-9._:/@+[\]-]{0,127}$/iu;

function nameProblem(what: string, given: string | null | undefined): string | null {
  if (given == null || NAME.test(given)) return null;
  const rule = "letters, digits and . _ : / @ + - [ ], a letter or digit first, at most 128";
  return `"${printableLine(given, SHOWN_MAX)}" cannot be the name of the ${what}; it may have ${rule}.`;
}

function notBeforeProblem(notBefore: Instant | null | undefined, now: Instant): string | null {
  if (notBefore == null || (notBefore >= now && Number.isSafeInteger(notBefore))) return null;
  if (!Number.isSafeInteger(notBefore)) return "The start is not a time; write for example 22:00.";
  return `The start ${iso(notBefore)} has passed, it is ${iso(now)}; give a later time or none.`;
}

function deadlineProblem({ deadlineAt, notBefore }: SubmissionInput, now: Instant): string | null {
  if (deadlineAt == null) return null;
  if (!Number.isSafeInteger(deadlineAt)) {
    return "The deadline is not a time; write for example fri 18:00.";
  }
  if (deadlineAt <= now) {
    return `The deadline ${iso(deadlineAt)} has passed, it is ${iso(now)}; give a later time or none.`;
  }
  if (notBefore == null || deadlineAt > notBefore) return null;
  return `The deadline ${iso(deadlineAt)} is not after the start ${iso(notBefore)}; give a later one.`;
}

function touchesProblem({ touches, project }: SubmissionInput): string | null {
  if (touches == null) return null;
  if (project == null) return "Only a task of a project touches files; name the project with `-p`.";
  const read = parseTouches(touches);
  return read.ok ? null : read.message;
}

/** What a task of the text touches: what is named, else what the text names. */
export function touchesOf(
  { touches, project }: Pick<SubmissionInput, "touches" | "project">,
  text: string,
): readonly string[] {
  if (project == null) return [];
  const read = touches == null ? null : parseTouches(touches);
  return read?.ok === true ? read.value : touchesIn(text);
}

function isWholeBetween(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max;
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
