import type { Call } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** The answer of a reading command where there is no home yet: `empty` as JSON, or how to begin. */
export function nothingYet({ output, context }: Call, empty: unknown): ExitCode {
  return output.answer(
    empty,
    () => `Nothing here yet (${context.home}); \`sle init\` or \`sle think "…"\` begins.`,
  );
}

/** The answer where there is no home yet and one certain thing was asked for. */
export function notFoundYet({ output, context }: Call): ExitCode {
  return output.fail(
    EXIT.notFound,
    "not-found",
    `Nothing here yet (${context.home}); \`sle init\` or \`sle think "…"\` begins.`,
  );
}
