import type { QuotaWindow } from "../../core/quota.ts";
import type { Executor } from "../../ports/executor.ts";
import { askQuota } from "./ask-quota.ts";
import { createBinaryFinder } from "./binary.ts";
import { readLogin } from "./login.ts";
import { ALLOWED_TOOLS_DEFAULT, CLAUDE_PROVIDER, type ClaudeCodeOptions } from "./options.ts";
import { startRun } from "./run.ts";
import { loadQuery } from "./sdk.ts";

/** Lets Claude Code do the work, through its SDK, which is loaded with the first run. */
export function claudeCodeExecutor(options: ClaudeCodeOptions): Executor {
  const findBinary = createBinaryFinder(options);
  let tellsUse = false;
  const ask = async (signal: AbortSignal): Promise<readonly QuotaWindow[] | null> => {
    const [binary, query] = [await findBinary(signal), await loadQuery()];
    if (!binary.ok || query === null) return null;
    return askQuota({ ...options, query, binary: binary.path }, signal);
  };
  // Whoever asks what is used must be logged in, so the CLI renews a login that has run out.
  const renew = (): Promise<unknown> => ask(new AbortController().signal);
  return {
    name: "claude-code",
    provider: CLAUDE_PROVIDER,
    can: { steer: true, resume: true, costs: true, quota: true },
    probe: async (signal) => {
      const binary = await findBinary(signal);
      if (!binary.ok) {
        return { ready: false, reason: binary.reason, nextCheckAt: null, detail: binary.reason };
      }
      const login = await readLogin(options.launcher, binary.path, options.env, signal);
      ({ tellsUse } = login);
      const origin = binary.origin === "own" ? "your own" : "the one bundled with the SDK";
      const note = binary.note === null ? "" : ` (${binary.note})`;
      const detail = `Claude Code ${binary.version}, ${origin}, at ${binary.path}${note}; ${login.detail}`;
      return login.loggedIn
        ? { ready: true, provider: CLAUDE_PROVIDER, detail }
        : { ready: false, reason: login.detail, nextCheckAt: null, detail };
    },
    // Before a probe has seen such a login, and with a key or a bare token, there is nobody to ask.
    askQuota: async (signal) => (tellsUse ? ask(signal) : null),
    start: (spec) =>
      startRun(
        {
          ...options,
          allowedTools: options.allowedTools ?? ALLOWED_TOOLS_DEFAULT,
          findBinary,
          renew,
        },
        spec,
      ),
  };
}
