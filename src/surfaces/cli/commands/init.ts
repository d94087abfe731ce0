import { printableLine } from "../../../core/terminal.ts";
import type { Call, RunCommand } from "../command.ts";
import { canAsk } from "../confirmed.ts";
import { EXIT } from "../exit-codes.ts";
import { renderFindings } from "../render/findings.ts";

/** Sets up a home: asks where to keep things, writes a commented config, looks for logins. */
export const init: RunCommand = async (call) => {
  const { context, output, options } = call;
  const home = await chooseHome(call);
  if (home === null) return EXIT.interrupted;
  const setup = await context.setup();
  const made = await setup.make(home, { force: options.has("force") });
  if (!made.ok) return output.refuse(made.problem);
  const { configPath, configWritten } = made.value;
  output.confirm(`Everything is kept in ${printableLine(home)}`);
  output.confirm(
    configWritten
      ? `Settings are in ${configPath}; each is explained there`
      : `Settings are kept as they are in ${configPath} (\`sle init --force\` writes them anew)`,
  );
  const logins = await setup.findLogins(context.interrupted);
  if (output.json) return output.answer({ home, configPath, configWritten, logins }, () => "");
  output.confirm(renderFindings(output.paint, logins));
  output.confirm(nextSteps(call, home));
  return EXIT.ok;
};

async function chooseHome(call: Call): Promise<string | null> {
  const { context, globals, options } = call;
  if (globals.home !== null || options.has("yes") || !canAsk(call)) return context.home;
  const prompt = await context.prompt();
  const said = await prompt.ask("Where should everything be kept?", context.home);
  return said === null
    ? null
    : context.resolvePath(said.trim() === "" ? context.home : said.trim());
}

function nextSteps({ context, globals }: Call, home: string): string {
  const elsewhere = home !== context.home || globals.home !== null;
  const remember =
    elsewhere && context.env["SLEEPLESS_HOME"] !== home
      ? [`Tell your shell where: export SLEEPLESS_HOME=${shellWord(home)}`]
      : [];
  return [...remember, 'Next: `sle daemon start`, then `sle think "…"`'].join("\n");
}

function shellWord(text: string): string {
  return /^[\w./-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
