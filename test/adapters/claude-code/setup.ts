import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  type Script,
  type ScriptedModel,
  startScriptedModel,
} from "../../../demo/scripted-model.ts";
import { claudeCodeExecutor } from "../../../src/adapters/claude-code/executor.ts";
import type { ClaudeFence } from "../../../src/adapters/claude-code/options.ts";
import { cleanEnvironment } from "../../../src/adapters/process/environment.ts";
import { createLauncher, type LauncherOptions } from "../../../src/adapters/process/launcher.ts";
import type { Executor, RunSpec } from "../../../src/ports/executor.ts";
import { confineTo, fencingLauncher } from "../sandbox/support.ts";
import { freshSpec } from "../executor-contract.ts";
import { temporaryFolder } from "../support.ts";

/** The moment at which every observation of these tests is made: whole seconds, as headers tell them. */
export const NOW: number = Math.floor(Date.now() / 1000) * 1000;

/** What a test may choose; the rest is the real CLI, logged in with a key, and the scripted model. */
export interface ClaudeChoice {
  readonly credential?: "key" | "token" | "none";
  readonly env?: Readonly<Record<string, string>>;
  readonly executable?: string;
  readonly bundled?: string | null;
  readonly launcher?: LauncherOptions;
  /** Fenced in, with its login outside. */
  readonly fenced?: boolean;
}

/** The real CLI against a scripted model, in a home of its own. */
export interface ClaudeBundle extends AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  /** An empty folder that comes first on PATH. */
  readonly bin: string;
  readonly model: ScriptedModel;
  readonly executor: Executor;
  /** A run in fresh folders that plays the scenario. */
  readonly spec: (scenario: string, more?: Partial<RunSpec>) => Promise<RunSpec>;
}

export async function openClaude(script: Script, choice: ClaudeChoice = {}): Promise<ClaudeBundle> {
  const folder = await temporaryFolder();
  const home = join(folder.path, "home");
  const bin = join(folder.path, "bin");
  await mkdir(join(home, "tmp"), { recursive: true });
  await mkdir(bin);
  const model = await startScriptedModel(script);
  const { credential = "key", env, launcher, fenced = false, ...rest } = choice;
  const credentials = {
    key: { ANTHROPIC_API_KEY: "scripted-key" },
    token: { CLAUDE_CODE_OAUTH_TOKEN: "scripted-token" },
    none: {},
  };
  const executor = claudeCodeExecutor({
    launcher: fenced ? await fencingLauncher() : await createLauncher(launcher),
    ...(fenced ? { fence: fenceIn(folder.path) } : {}),
    now: () => NOW,
    env: {
      ...cleanEnvironment({
        // Without the user's own program, which may be any version.
        PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
        HOME: home,
        TMPDIR: join(home, "tmp"),
      }),
      ANTHROPIC_BASE_URL: model.url,
      CLAUDE_CODE_MAX_RETRIES: "2",
      ...credentials[credential],
      ...env,
    },
    ...rest,
  });
  return {
    folder: folder.path,
    home,
    bin,
    model,
    executor,
    spec: async (scenario, more) => ({
      ...(await freshSpec(folder.path, `[scenario: ${scenario}] Please do it.`)),
      ...more,
    }),
    [Symbol.asyncDispose]: async () => {
      await model.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function fenceIn(folder: string): ClaudeFence {
  return {
    confine: confineTo,
    stateFolder: (taskId) => join(folder, "sessions", String(taskId)),
  };
}
