import { join, resolve } from "node:path";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The home folder: as given, else `$SLEEPLESS_HOME`, else `~/.sleepless`; absolute, need not exist.
 * Throws a sentence where the system knows no home folder of this user.
 */
export function homePath(
  given: string | null,
  env: Env,
  homeOfUser: () => string = () => process.getBuiltinModule("node:os").homedir(),
): string {
  const chosen = given ?? env["SLEEPLESS_HOME"] ?? "";
  if (chosen !== "") return resolve(chosen);
  try {
    return join(homeOfUser(), ".sleepless");
  } catch {
    throw new Error("This user has no home folder; set SLEEPLESS_HOME to a folder of yours.");
  }
}

/** Who acts: `$USER`, else what the system calls this user, which in a container may be only a number. */
export function userName(
  env: Env,
  nameOfUser: () => string = () => process.getBuiltinModule("node:os").userInfo().username,
  numberOfUser: () => number = () => process.getuid?.() ?? 0,
): string {
  const named = env["USER"] ?? env["LOGNAME"] ?? "";
  if (named !== "") return named;
  try {
    return nameOfUser();
  } catch {
    return `user ${numberOfUser()}`;
  }
}
