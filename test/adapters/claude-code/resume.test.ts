import { randomUUID } from "node:crypto";
import { readdir, readlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ScriptedTurn, say, use } from "../../../demo/scripted-turn.ts";
import { sendSignal } from "../../../src/adapters/process/tree.ts";
import type { RunEvent } from "../../../src/ports/executor.ts";
import { addUp } from "../executor-contract.ts";
import { follow, markedPids, until } from "../support.ts";
import { openClaude } from "./setup.ts";

const USAGE = { usage: { input: 700, output: 70 } };

describe.each([
  { way: "with bubblewrap", launcher: {} },
  { way: "without", launcher: { bwrap: "off", setpriv: "off" } },
] as const)("a killed Claude Code, $way", ({ launcher }) => {
  it("loses no use that was told, and goes on in the same session", async () => {
    await using bundle = await openClaude(
      {
        scenarios: {
          long: {
            turns: [
              use("Bash", { command: "echo first > first.txt" }, USAGE),
              use(
                "Bash",
                { command: "setsid sleep 1000 & sleep 0.5; touch began; sleep 1000" },
                USAGE,
              ),
              say("went on", USAGE),
            ],
          },
        },
      },
      { launcher },
    );
    const spec = await bundle.spec("long");
    const run = bundle.executor.start(spec);
    const began = until(async () => (await readdir(spec.workspace)).includes("began") || null);
    void began.then(async () => sendSignal(await cliPid(spec.mark), "SIGKILL"));
    const killed = await follow(run);
    expect(killed.outcome).toMatchObject({
      type: "failed",
      failure: "crash",
      message: "Claude Code was ended by SIGKILL without a result.",
    });
    expect(await markedPids(spec.mark)).toEqual([]);
    expect(addUp(killed.events)).toEqual({
      tokens: { input: 1400, output: 140, cacheRead: 0, cacheWrite: 0 },
      usd: 0,
    });

    const again = { ...spec, mark: `1/2/${randomUUID()}`, resume: true };
    const resumed = await follow(bundle.executor.start(again));
    expect(resumed.outcome).toEqual({ type: "done", text: "went on" });
    expect(sessions(resumed.events)).toEqual([spec.sessionId]);
    const requests = bundle.model.requests();
    expect(new Set(requests.map(({ sessionId }) => sessionId))).toEqual(new Set([spec.sessionId]));
    expect(requests[2]?.toolResults.join("\n")).toMatch(/interrupted/i);
    expect(requests[2]?.userTexts.at(-1)).toMatch(/^Go on with this task .*\n\n\[scenario: long\]/);
    // The second run tells its own use only.
    expect(requests).toHaveLength(3);
    expect(addUp(resumed.events).tokens).toMatchObject({ input: 700, output: 70 });
  });
});

describe("a session that was stored and never begun", () => {
  it("begins under its own id, so that it can be resumed whatever comes", async () => {
    await using bundle = await openClaude({ scenarios: { short: { turns: [say("began")] } } });
    const spec = await bundle.spec("short", { resume: true });
    const run = await follow(bundle.executor.start(spec));
    expect(run.outcome).toEqual({ type: "done", text: "began" });
    expect(sessions(run.events)).toEqual([spec.sessionId]);
    expect(bundle.model.requests().map(({ sessionId }) => sessionId)).toEqual([spec.sessionId]);
  });

  it("begins under another id when the CLI died with the first lines of its transcript", async () => {
    await using bundle = await openClaude({
      scenarios: { short: { turns: [say("began")], repeatLast: true } },
    });
    const spec = await bundle.spec("short");
    await follow(bundle.executor.start(spec));
    const [transcript = ""] = await transcripts(bundle.home);
    const sessionId = randomUUID();
    await writeFile(join(transcript, "..", `${sessionId}.jsonl`), "");
    const run = await follow(bundle.executor.start({ ...spec, sessionId, resume: true }));
    expect(run.outcome).toEqual({ type: "done", text: "began" });
    expect(sessions(run.events)).toEqual([expect.not.stringMatching(sessionId)]);
  });
});

describe("a shutdown", () => {
  it("leaves a session that goes on later, priced once", async () => {
    await using bundle = await openClaude({
      scenarios: {
        long: { turns: [use("Bash", { command: "touch began; sleep 1000" }), say("went on")] },
      },
    });
    const spec = await bundle.spec("long");
    const run = bundle.executor.start(spec);
    void until(async () => (await readdir(spec.workspace)).includes("began") || null).then(() =>
      run.stop("shutdown"),
    );
    expect((await follow(run)).outcome).toEqual({ type: "stopped", how: "shutdown" });
    const resumed = await follow(bundle.executor.start({ ...spec, resume: true }));
    expect(sessions(resumed.events)).toEqual([spec.sessionId]);
    expect(resumed.outcome).toEqual({ type: "done", text: "went on" });
    expect(addUp(resumed.events)).toEqual({
      tokens: { input: 1000, output: 100, cacheRead: 0, cacheWrite: 0 },
      usd: 0.006,
    });
  });
});

describe("a cancelled run", () => {
  it("tells what it cost", async () => {
    await using bundle = await openClaude({
      scenarios: { long: { turns: [use("Bash", { command: "touch began; sleep 1000" })] } },
    });
    const spec = await bundle.spec("long");
    const run = bundle.executor.start(spec);
    void until(async () => (await readdir(spec.workspace)).includes("began") || null).then(() =>
      run.stop("cancel"),
    );
    const { events, outcome } = await follow(run);
    expect(outcome).toEqual({ type: "stopped", how: "cancel" });
    expect(addUp(events)).toEqual({
      tokens: { input: 1000, output: 100, cacheRead: 0, cacheWrite: 0 },
      usd: 0.006,
    });
    expect(await markedPids(spec.mark)).toEqual([]);
  });
});

describe("many agents at once", () => {
  it("share one home and one model without meeting", async () => {
    const write = (name: string): ScriptedTurn =>
      use("Write", { file_path: "mine.txt", content: name });
    await using bundle = await openClaude({
      scenarios: Object.fromEntries(
        ["a", "b", "c"].map((name) => [name, { turns: [write(name), say(`I am ${name}`)] }]),
      ),
    });
    const specs = await Promise.all(["a", "b", "c"].map(async (name) => await bundle.spec(name)));
    const runs = await Promise.all(
      specs.map(async (spec) => await follow(bundle.executor.start(spec))),
    );
    expect(runs.map(({ outcome }) => outcome)).toEqual(
      ["a", "b", "c"].map((name) => ({ type: "done", text: `I am ${name}` })),
    );
    expect(bundle.model.requests()).toHaveLength(6);
  });
});

/** The CLI itself: the marked process that runs its program. */
async function cliPid(mark: string): Promise<number> {
  const programs = await Promise.all(
    (await markedPids(mark)).map(async (pid) => ({
      pid,
      program: await readlink(`/proc/${pid}/exe`).catch(() => ""),
    })),
  );
  return programs.find(({ program }) => program.endsWith("/claude"))?.pid ?? 0;
}

async function transcripts(home: string): Promise<readonly string[]> {
  const projects = join(home, ".claude", "projects");
  const files = await readdir(projects, { recursive: true });
  return files.filter((file) => file.endsWith(".jsonl")).map((file) => join(projects, file));
}

function sessions(events: readonly RunEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === "started" ? [event.sessionId] : []));
}
