import type { Call } from "./command.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** Makes sure that something is really meant: 0 when it is, else the code to end with. */
export async function confirmed(call: Call, question: string): Promise<ExitCode> {
  const { context, output, options } = call;
  if (options.has("yes")) return EXIT.ok;
  if (!canAsk(call)) {
    return output.fail(
      EXIT.usage,
      "invalid",
      `${question} Say --yes where nobody can be asked; nothing was done.`,
    );
  }
  const prompt = await context.prompt();
  const said = await prompt.ask(`${question} [y/N]`, "n");
  if (said === null) return EXIT.interrupted;
  if (/^y(es)?$/iu.test(said.trim())) return EXIT.ok;
  return output.fail(EXIT.other, "declined", "Nothing was done.");
}

/** True when there is a person at a terminal who can be asked. */
export function canAsk({ context, output }: Call): boolean {
  return context.stdin.isTTY && context.stderr.isTTY && !output.json;
}
