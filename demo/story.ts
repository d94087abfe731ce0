import type { TaskKind } from "../src/core/task.ts";
import type { Scenario, Script } from "./scripted-model.ts";
import {
  limitHit,
  overloaded,
  say,
  type ScriptedQuota,
  type ScriptedTurn,
  use,
} from "./scripted-turn.ts";

/** The tasks of the demo night, by what they show. */
export const TASK_NAMES = [
  "serious",
  "lying",
  "limited",
  "endless",
  "thought",
  "flaky",
  "dependent",
  "generated",
] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** One task as it is queued. */
export interface StoryTask {
  readonly kind: TaskKind;
  readonly text: string;
  readonly project: string | null;
  readonly after: TaskName | null;
}

/** Name of the demo's project. */
export const PROJECT = "greeter";
/** By which its results are proven. */
export const PROJECT_CHECK = { name: "test", command: "node --test" } as const;

/** What is asked for in the evening, in the order of `TASK_NAMES`. */
export const TASKS: Readonly<Record<TaskName, StoryTask>> = {
  serious: task("serious", "The greeting of an empty name is wrong: mend it and run the tests"),
  lying: task("serious", "Make the tests of the greeting pass, whatever it takes"),
  thought: task("thought", "Compare two ways to cache the project list; which one would you take?"),
  endless: task("thought", "Watch the nightly build until it is green"),
  flaky: task("thought", "Summarise the open questions of the last week"),
  limited: task("thought", "Write a glossary of the words we use, in two parts"),
  dependent: {
    ...task("serious", "Write release notes for the mended greeting"),
    after: "serious",
  },
  generated: task("generated", "Look for a document that has grown stale"),
};

/** How long after it is hit the usage limit resets. */
export const LIMIT_MS = 6000;

/** What the night saw of the limit; filled while it runs. */
export interface LimitWatch {
  hitAt: number | null;
  resetsAt: number | null;
  /** Tasks that were seen held by it. */
  readonly held: Set<TaskName>;
}

/** The words of the model for every task of the night. */
export function nightScript(limit: LimitWatch): Script {
  const stories: Readonly<Record<TaskName, readonly Scenario["turns"][number][]>> = {
    serious: [
      use("Read", { file_path: "greet.mjs" }, THINKING),
      ({ toolResults }) =>
        toolResults.length === 0 ? say("I could not read the file.") : use("Edit", MEND, THINKING),
      use("Bash", { command: "node --test", description: "Run the tests" }, THINKING),
      ({ toolResults }) => say(`The greeting is mended; ${testsLine(toolResults)}`),
    ],
    // It takes the failing test away and says what everybody likes to hear.
    lying: [
      use("Write", { file_path: "greet.test.mjs", content: EMPTY_TEST }, THINKING),
      use("Bash", { command: "node --test", description: "Run the tests" }, THINKING),
      say("All tests pass now. The greeting works as it should."),
    ],
    thought: [
      use("Write", { file_path: "cache.md", content: CACHE_NOTE }, THINKING),
      say("I would take the file with its modification time: nothing to expire. See cache.md."),
    ],
    endless: [use("Bash", { command: "sleep 120", description: "Wait for the build" })],
    flaky: [
      ...Array.from({ length: 2 }, overloaded),
      use("Write", { file_path: "questions.md", content: "# Open questions\n\nNone.\n" }),
      say("Everything of last week is answered."),
    ],
    limited: [
      use("Write", { file_path: "glossary-1.md", content: "# A to M\n" }, { delayMs: 2500 }),
      () => hitLimit(limit),
      use("Write", { file_path: "glossary-2.md", content: "# N to Z\n" }, THINKING),
      say("Both parts of the glossary are written."),
    ],
    dependent: [
      use("Write", { file_path: "NOTES.md", content: "Empty names are greeted politely.\n" }),
      say("The release notes are in NOTES.md."),
    ],
    generated: [say("Nothing is stale tonight.")],
  };
  const scenarios = Object.fromEntries(
    TASK_NAMES.map((name): [string, Scenario] => [
      name,
      { turns: stories[name], when: (text) => text.includes(TASKS[name].text) },
    ]),
  );
  return { scenarios, quota: () => quietQuota(limit) };
}

const THINKING = { delayMs: 400, usage: { input: 4200, output: 310 } } as const;

const MEND = {
  file_path: "greet.mjs",
  old_string: "return `Hello, ${name}!`;",
  new_string: 'return `Hello, ${name === "" ? "stranger" : name}!`;',
};

const EMPTY_TEST = `import { test } from "node:test";

test("greets", () => {});
`;

const CACHE_NOTE = `# Caching the project list

* In memory with a time to live: simple, stale for up to a minute.
* A file with the newest modification time: never stale, one stat a call.
`;

function task(kind: TaskKind, text: string): StoryTask {
  return { kind, text, project: kind === "serious" ? PROJECT : null, after: null };
}

/** Said only if the tool's own output says so: the model is scripted, the tests are not. */
function testsLine(toolResults: readonly string[]): string {
  const passed = toolResults.some((result) => /pass 2\b/u.test(result) && /fail 0\b/u.test(result));
  return passed ? "both tests pass." : "but the tests do not pass.";
}

function hitLimit(limit: LimitWatch): ScriptedTurn {
  limit.hitAt = Date.now();
  // Whole seconds, as the provider tells them.
  limit.resetsAt = Math.ceil((limit.hitAt + LIMIT_MS) / 1000) * 1000;
  return limitHit(limit.resetsAt);
}

/** What is said beside every answer; while the limit holds, others still end what they began. */
function quietQuota({ hitAt, resetsAt }: LimitWatch): ScriptedQuota {
  const now = Date.now();
  const sevenDay = { used: 0.4, resetsAt: now + 72 * HOUR_MS };
  if (hitAt === null || resetsAt === null) {
    return { status: "allowed", fiveHour: { used: 0.93, resetsAt: now + LIMIT_MS }, sevenDay };
  }
  const fresh = { used: 0.02, resetsAt: resetsAt + 5 * HOUR_MS };
  return { status: "allowed", fiveHour: now < resetsAt ? { used: 1, resetsAt } : fresh, sevenDay };
}

const HOUR_MS = 3_600_000;
