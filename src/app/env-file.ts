import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";

type Environment = Readonly<Record<string, string | undefined>>;

/** An environment with what the file `.env` of a home adds to it, and what is wrong with that file. */
export interface WithFile {
  readonly env: Environment;
  /** A sentence; null when all is well. */
  readonly warning: string | null;
}

/** Takes over the variables of `<home>/.env`; what the environment has already stays. */
export function withEnvFile(env: Environment, home: string): WithFile {
  const path = join(home, ".env");
  try {
    const others = statSync(path).mode & 0o077;
    const read = parseEnv(readFileSync(path, "utf8"));
    const warning =
      others === 0
        ? null
        : `Others may read ${path}, which holds secrets; run \`chmod 600 ${path}\`.`;
    return { env: { ...read, ...env }, warning };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return { env, warning: null };
    }
    return { env, warning: `The file ${path} cannot be read, so what it sets is missing.` };
  }
}
