import { type SectionInfo, type SettingInfo, settingInfos, settingsTree } from "./catalog.ts";
import { valueText } from "./set-in-text.ts";

const HEAD = `# Settings of Sleepless Agent.
# \`sle config show\` tells every value and where it comes from; \`sle config validate\` checks this file.
# Any setting can also be given as an environment variable: SLEEPLESS__ATTEMPTS__TIMEOUT=1h
# Never write a password or token here: write \`env:NAME\` or \`file:/path\` where one is needed.
`;

/**
 * The configuration file of a fresh home: every setting with its default, or with the answer given
 * for its dotted key, below one line that explains it. Throws for an answer to no setting: a bug.
 */
export function commentedDefault(answers: Readonly<Record<string, unknown>>): string {
  const known = new Set(settingInfos().map((info) => info.key));
  const stranger = Object.keys(answers).find((key) => !known.has(key));
  if (stranger !== undefined) throw new Error(`There is no setting ${stranger}`);
  return [HEAD, ...settingsTree().entries.map((entry) => `${textOf(entry, answers, "")}\n`)].join(
    "\n",
  );
}

function textOf(
  entry: SettingInfo | SectionInfo,
  answers: Readonly<Record<string, unknown>>,
  indent: string,
): string {
  const name = entry.key.slice(entry.key.lastIndexOf(".") + 1);
  const comment = `${indent}# ${entry.description}`;
  if ("entries" in entry) {
    const below = entry.entries.map((inner) => textOf(inner, answers, `${indent}  `));
    return [comment, `${indent}${name}:`, ...below].join("\n");
  }
  const value = Object.hasOwn(answers, entry.key) ? answers[entry.key] : entry.byDefault;
  return `${comment}\n${indent}${name}: ${valueText(value)}`;
}
