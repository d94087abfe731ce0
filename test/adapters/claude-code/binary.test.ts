import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLAUDE_VERSION_MIN, isAtLeast } from "../../../src/adapters/claude-code/binary.ts";
import { say } from "../../../demo/scripted-turn.ts";
import { follow, markedPids } from "../support.ts";
import { type ClaudeChoice, openClaude } from "./setup.ts";

const SCRIPT = { scenarios: { works: { turns: [say("It works.")] } } };
const VERSION_OF_NOW = "9.9.9 (Claude Code)";

describe("the Claude Code program", () => {
  it("is the SDK's own where the user has none", async () => {
    await using bundle = await setup({});
    expect(await bundle.probe()).toMatchObject({
      ready: true,
      detail: expect.stringMatching(/^Claude Code [\d.]+, the one bundled with the SDK, at \//),
    });
  });

  it("is the user's own when it is new enough", async () => {
    await using bundle = await setup({});
    await bundle.install(`echo "${VERSION_OF_NOW}"`);
    expect((await bundle.probe()).detail).toContain(
      `Claude Code 9.9.9, your own, at ${bundle.program};`,
    );
  });

  it("is the SDK's own where the user's is too old, and it says so", async () => {
    await using bundle = await setup({});
    await bundle.install("echo 2.1.197");
    expect((await bundle.probe()).detail).toMatch(
      /bundled with the SDK.*\/claude is version 2\.1\.197, which is too old: install/,
    );
    const { outcome } = await follow(bundle.executor.start(await bundle.spec("works")));
    expect(outcome).toEqual({ type: "done", text: "It works." });
  });

  it.each([
    {
      what: "missing",
      choice: { bundled: null },
      script: null,
      says: `The program claude was not found: install Claude Code ${CLAUDE_VERSION_MIN} or newer.`,
    },
    {
      what: "too old",
      choice: { bundled: null },
      script: "echo 2.1.197",
      says: /\/claude is version 2\.1\.197, which is too old: install Claude Code .* or newer\.$/,
    },
    {
      what: "something else",
      choice: { bundled: null },
      script: "echo hello",
      says: /\/claude does not tell its version: install/,
    },
    {
      what: "not where the configuration says, though the SDK has one",
      choice: { executable: "/no/such/claude" },
      script: null,
      says: /^The program \/no\/such\/claude was not found/,
    },
  ])("is $what: a wrong setting", async ({ choice, says, script }) => {
    await using bundle = await setup(choice);
    if (script !== null) await bundle.install(script);
    const reason = typeof says === "string" ? says : expect.stringMatching(says);
    expect(await bundle.probe()).toEqual({
      ready: false,
      reason,
      nextCheckAt: null,
      detail: reason,
    });
    const { events, outcome } = await follow(bundle.executor.start(await bundle.spec("works")));
    expect(events).toEqual([]);
    expect(outcome).toEqual({ type: "failed", failure: "config", message: reason, retryAt: null });
  });

  it("is looked at again after an update", async () => {
    await using bundle = await setup({ bundled: null });
    await bundle.install("echo 2.1.197");
    expect((await bundle.probe()).ready).toBe(false);
    await bundle.install(`echo   "${VERSION_OF_NOW}"`);
    expect((await bundle.probe()).detail).toContain("Claude Code 9.9.9");
  });

  it("hangs when asked: ended when the asker gives up", async () => {
    await using bundle = await setup({ bundled: null });
    await bundle.install("sleep 1000");
    const { ready } = await bundle.executor.probe(AbortSignal.timeout(300));
    expect(ready).toBe(false);
  });
});

describe("a Claude Code program that", () => {
  const answering = (work: string): string =>
    `case "$1" in --version) echo "${VERSION_OF_NOW}" ;; *) ${work} ;; esac`;

  it.each([
    {
      does: "exits without a result",
      work: "echo oops >&2; exit 3",
      message: "Claude Code exited with code 3 without a result: oops",
    },
    {
      does: "ends quietly without a result",
      work: "exit 0",
      message: "Claude Code exited with code 0 without a result.",
    },
    {
      does: "talks nonsense",
      work: "echo nonsense; echo '{}'; exit 4",
      message: "Claude Code exited with code 4 without a result.",
    },
    {
      does: "kills itself",
      work: "kill -KILL $$",
      message: "Claude Code was ended by SIGKILL without a result.",
    },
  ])("$does: a crash", async ({ message, work }) => {
    await using bundle = await setup({});
    await bundle.install(answering(work));
    const { outcome } = await follow(bundle.executor.start(await bundle.spec("works")));
    expect(outcome).toEqual({ type: "failed", failure: "crash", message, retryAt: null });
  });

  it.each(["cancel", "shutdown", "lease-lost"] as const)(
    "ignores every polite word, with a child that left: ended for %s",
    async (how) => {
      await using bundle = await setup({});
      await bundle.install(answering(`trap '' TERM INT HUP; setsid sleep 1000 & sleep 1000; wait`));
      const spec = await bundle.spec("works");
      const run = bundle.executor.start(spec);
      const { outcome } = await follow(run, ({ type }) => {
        if (type === "launched") run.stop(how);
      });
      expect(outcome).toEqual({ type: "stopped", how });
      expect(await markedPids(spec.mark)).toEqual([]);
    },
  );
});

describe("isAtLeast", () => {
  it.each([
    ["2.1.259", "2.1.259", true],
    ["2.1.330", "2.1.259", true],
    ["2.2.0", "2.1.259", true],
    ["3.0.0", "2.1.259", true],
    ["2.1.258", "2.1.259", false],
    ["2.0.999", "2.1.259", false],
    ["1.9.999", "2.1.259", false],
  ])("%s against %s", (version, min, is) => {
    expect(isAtLeast(version, min)).toBe(is);
  });
});

async function setup(choice: ClaudeChoice) {
  const bundle = await openClaude(SCRIPT, choice);
  const program = join(bundle.bin, "claude");
  return {
    ...bundle,
    program,
    probe: async () => await bundle.executor.probe(AbortSignal.timeout(60_000)),
    /** Puts a user's own program in place. */
    install: async (script: string) => {
      await rm(program, { force: true });
      await writeFile(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    },
  };
}
