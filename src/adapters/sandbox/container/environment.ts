import { BEGIN_FD } from "../inside.ts";
import { NODE_PLACE } from "../system-places.ts";

/** Where the environment of the command lies inside. */
export const ENVIRONMENT_PLACE = "/run/sleepless-environment";
/** Where a pipe lies by which it is told that the command begins. */
export const BEGIN_PLACE = "/run/sleepless-begin";

/**
 * Lines for a shell that set these variables: a file, since what stands on the engine's command line
 * everybody on the machine can read. Throws for a name that no shell can set.
 */
export function environmentLines(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => {
      if (!/^[A-Za-z_]\w*$/u.test(name)) {
        throw new Error(`A container cannot be given the variable ${JSON.stringify(name)}.`);
      }
      if (value.includes("\0")) throw new Error(`The variable ${name} holds a NUL.`);
      return `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`;
    })
    .join("");
}

/** The first program inside: takes its environment, with our Node behind the image's own programs. */
export function entering(command: readonly string[]): readonly [string, ...(readonly string[])] {
  return ["/bin/sh", "-c", SCRIPT, "sh", ...command];
}

const SCRIPT = `
exec ${BEGIN_FD}>${BEGIN_PLACE}
. ${ENVIRONMENT_PLACE}
PATH="$PATH:${NODE_PLACE}/bin"
exec "$@"
`;
