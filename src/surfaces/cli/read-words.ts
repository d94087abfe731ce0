import { type Dependency, parseDependencies } from "../../core/dependency.ts";
import { parseDuration } from "../../core/duration.ts";
import { type Result, ok, problem } from "../../core/problem.ts";
import type { Instant } from "../../core/task.ts";
import type { CliContext } from "./context.ts";

/** A no to the words of a call. */
export function usage<T>(message: string): Result<T> {
  return problem("invalid", message);
}

/** Reads numbers of tasks: `12`, `#12`, `12,13`. */
export function readIds(words: readonly string[]): Result<readonly number[]> {
  const ids: number[] = [];
  for (const word of words.flatMap((each) => each.split(","))) {
    const digits = /^#?(\d{1,15})$/u.exec(word.trim())?.[1];
    if (digits === undefined || Number(digits) < 1) {
      return usage(`"${word}" is not the number of a task; \`sle ls\` lists the tasks.`);
    }
    ids.push(Number(digits));
  }
  return ok(ids);
}

/** Reads the number of one task. */
export function readId(word: string | undefined): Result<number> {
  const ids = readIds([word ?? ""]);
  if (!ids.ok) return ids;
  const [id, ...more] = ids.value;
  return id === undefined || more.length > 0
    ? usage(`"${word}" is not the number of one task.`)
    : ok(id);
}

/** Reads what a task waits for: `12`, `12:verified`, `12,13:finished`. */
export function readDependencies(words: readonly string[]): Result<readonly Dependency[]> {
  const dependencies = parseDependencies(words);
  return dependencies.ok ? ok(dependencies.value) : usage(`--after: ${dependencies.message}`);
}

/** Reads a whole number from 0 on; `what` names it when it is none. */
export function readCount(what: string, word: string): Result<number> {
  if (/^\d{1,9}$/u.test(word)) return ok(Number(word));
  return usage(`${what} takes a whole number, not "${word}".`);
}

/** Reads a duration in milliseconds; `what` names it when it is none. */
export function readDuration(what: string, word: string): Result<number> {
  const duration = parseDuration(word);
  return duration.ok ? ok(duration.value) : usage(`${what}: ${duration.message}`);
}

/** Reads a time in the person's zone; `what` names it when it is none. */
export async function readTime(
  context: CliContext,
  what: string,
  word: string,
  isEndMeant = false,
): Promise<Result<Instant>> {
  const { parseInstant } = await import("../../core/instant.ts");
  const frame = { now: context.clock.now(), timeZone: context.timeZone(), isEndMeant };
  const instant = parseInstant(word, frame);
  return instant.ok ? ok(instant.value) : usage(`${what}: ${instant.message}`);
}
