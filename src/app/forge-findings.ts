import { existsSync } from "node:fs";
import type { Settings } from "../config/settings.ts";
import type { Finding } from "../surfaces/cli/context.ts";
import type { WithFile } from "./env-file.ts";

/** What of the ways out can be said without asking anybody: tokens, keys, the file of secrets. */
export function forgeFindings(
  { forges, git }: Pick<Settings, "forges" | "git">,
  { env, warning }: WithFile,
): readonly Finding[] {
  const finding = (
    name: string,
    status: Finding["status"],
    detail: string,
    advice: string | null = null,
  ): Finding => ({ area: "login", name, status, detail, advice });
  const hosts = Object.entries(forges).map(([host, { kind, tokenVariable, app, sshKey }]) => {
    const missing = [app?.key ?? null, sshKey].find((path) => path !== null && !existsSync(path));
    if (missing !== undefined) {
      return finding(
        host,
        "problem",
        `${missing} is not there`,
        "Correct `forges` in the settings.",
      );
    }
    if (app !== null) return finding(host, "ok", `${kind}, as App ${app.id}`);
    if (tokenVariable === null) {
      const advice = "Name a variable with a token under `forges`, if it is to.";
      return finding(host, "warning", `${kind}: no pull request is opened there`, advice);
    }
    if ((env[tokenVariable] ?? "") !== "")
      return finding(host, "ok", `${kind}, by ${tokenVariable}`);
    const advice = `Set it in the daemon's environment or in the file .env of the home.`;
    return finding(host, "problem", `${kind}: ${tokenVariable} is not set`, advice);
  });
  const { signing, signingKey } = git;
  const hasNoKey = signing === "ssh" && signingKey !== null && !existsSync(signingKey);
  return [
    ...hosts,
    ...(hasNoKey
      ? [finding("signing", "problem", `${signingKey} is not there`, "Correct `git.signing_key`.")]
      : []),
    ...(warning === null ? [] : [finding(".env", "warning", warning)]),
  ];
}
