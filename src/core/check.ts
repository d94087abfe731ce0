import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

/** A command by which the daemon proves a result: exit code 0 says that it is good. */
export interface Check {
  /** Unique in its project; lower-case letters, digits and `-`. */
  readonly name: string;
  /** A line for `/bin/sh`, run at the top of a clean checkout. */
  readonly command: string;
}

/** Most checks of a project. */
export const CHECKS_MAX = 20;
const COMMAND_LENGTH_MAX = 2000;
const NAME_LENGTH_MAX = 40;
const SHOWN_MAX = 60;

/** Reads `npm test` or `lint=npm run lint`; one without a name is named after its words. */
export function parseCheck(written: string): Parsed<Check> {
  const named = /^(?<name>[a-z][a-z0-9-]*)=(?<command>.*)$/su.exec(written.trim())?.groups;
  const command = (named?.["command"] ?? written).trim();
  const shown = printableLine(written, SHOWN_MAX);
  if (command === "" || command.length > COMMAND_LENGTH_MAX || /[\0\n\r]/u.test(command)) {
    const rule = `a command on one line, at most ${COMMAND_LENGTH_MAX} characters`;
    return {
      ok: false,
      message: `The check "${shown}" must be ${rule}, such as lint="npm run lint".`,
    };
  }
  const name = named?.["name"] ?? nameOf(command);
  if (name === "" || name.length > NAME_LENGTH_MAX) {
    const advice = `give it one of at most ${NAME_LENGTH_MAX} letters, such as test="${printableLine(command, SHOWN_MAX)}"`;
    return { ok: false, message: `The check "${shown}" has no good name; ${advice}.` };
  }
  return { ok: true, value: { name, command } };
}

function nameOf(command: string): string {
  return command
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, "-")
    .replace(/^[-0-9]+/u, "")
    .slice(0, NAME_LENGTH_MAX)
    .replace(/-$/u, "");
}

/** The first name that two checks share; null when each has its own. */
export function sharedCheckName(checks: readonly Check[]): string | null {
  const names = checks.map(({ name }) => name);
  return names.find((name, index) => names.indexOf(name) !== index) ?? null;
}
