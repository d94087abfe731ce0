import { describe } from "vitest";
import { overloaded, say, use } from "../../../demo/scripted-turn.ts";
import type { Scenario } from "../../../demo/scripted-model.ts";
import { executorContract, type ExecutorUnderTest } from "../executor-contract.ts";
import { sandbox } from "../sandbox/support.ts";
import { openClaude } from "./setup.ts";

const WORDS = "Say hello.";
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  works: { turns: [use("Bash", { command: "true" }), say("It works.")] },
  fails: { turns: [overloaded()], repeatLast: true },
  hangs: { turns: [use("Bash", { command: "setsid sleep 1000 & sleep 1000" })] },
  listens: {
    turns: [
      ({ notices, userTexts }) =>
        [...userTexts, ...notices].some((text) => text.includes(WORDS))
          ? say(WORDS)
          : use("Bash", { command: "sleep 0.2" }),
    ],
    repeatLast: true,
  },
};

const open = async (fenced: boolean): Promise<ExecutorUnderTest> => {
  const { executor, ...bundle } = await openClaude(
    { scenarios: SCENARIOS },
    { fenced, env: { CLAUDE_CODE_MAX_RETRIES: "1" } },
  );
  return {
    executor,
    prompts: {
      works: "[scenario: works]",
      fails: "[scenario: fails]",
      hangs: "[scenario: hangs]",
      listens: "[scenario: listens]",
    },
    // Two calls of the scripted usage, at the CLI's own list price.
    uses: { tokens: { input: 2000, output: 200, cacheRead: 0, cacheWrite: 0 }, usd: 0.012 },
    isReal: true,
    [Symbol.asyncDispose]: bundle[Symbol.asyncDispose],
  };
};

executorContract("the Claude Code executor", () => open(false));

describe.skipIf(!sandbox.ok)("in the sandbox", () => {
  executorContract("the Claude Code executor", () => open(true));
});
