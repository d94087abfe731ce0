import { printableLine } from "../../core/terminal.ts";
import type { Call } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** Names every mistake in the settings, a line each. */
export async function refuseSettings(
  { context, output }: Call,
  problems: readonly string[],
): Promise<ExitCode> {
  if (output.json) {
    const fields = problems.map((message) => ({ field: "", message }));
    return output.refuse({ code: "invalid", message: "The settings are not sound.", fields });
  }
  for (const problem of problems) context.stderr.write(`${printableLine(problem)}\n`);
  return output.fail(EXIT.usage, "invalid", "The settings are not sound; correct the lines above.");
}
