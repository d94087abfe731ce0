import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { limitHit, overloaded, type ScriptedTurn, say, use } from "../../../demo/scripted-turn.ts";
import type { Scenario } from "../../../demo/scripted-model.ts";
import { LOGIN_MESSAGE } from "../../../src/adapters/claude-code/failures.ts";
import { addUp } from "../executor-contract.ts";
import { follow, markedPids, textOf } from "../support.ts";
import { type ClaudeChoice, NOW, openClaude } from "./setup.ts";

const RESETS_AT = NOW + 3_600_000;
const QUOTA = {
  status: "allowed",
  fiveHour: { used: 0.41, resetsAt: RESETS_AT },
  sevenDay: { used: 0.2, resetsAt: RESETS_AT + 86_400_000 },
} as const;

describe("Claude Code when the model service", () => {
  const refused = (status: number, type: string, message: string): ScriptedTurn => ({
    error: { status, type, message },
  });
  it.each<{ does: string; turn: ScriptedTurn; failure: string; says: RegExp }>([
    { does: "is overloaded", turn: overloaded(), failure: "overloaded", says: /529/ },
    {
      does: "breaks",
      turn: refused(500, "api_error", "boom"),
      failure: "overloaded",
      says: /500|server/i,
    },
    { does: "cuts the stream", turn: { cut: true }, failure: "overloaded", says: /API Error/ },
    {
      does: "refuses the key",
      turn: refused(401, "authentication_error", "invalid x-api-key"),
      failure: "auth",
      says: /claude auth login/,
    },
    {
      does: "wants too many requests spread",
      turn: refused(429, "rate_limit_error", "slow down"),
      failure: "overloaded",
      says: /./,
    },
    {
      does: "is not paid",
      turn: refused(400, "invalid_request_error", "Your credit balance is too low to go on."),
      failure: "billing",
      says: /Credit balance is too low/,
    },
    {
      does: "does not know the model",
      turn: refused(404, "not_found_error", "model: nope"),
      failure: "config",
      says: /issue with the selected model/,
    },
    { does: "refuses the work", turn: { refusal: true }, failure: "policy", says: /flagged/ },
  ])("$does: $failure", async ({ failure, says, turn }) => {
    const { outcome, spec } = await play({ turns: [turn], repeatLast: true });
    expect(outcome).toEqual({
      type: "failed",
      failure,
      message: expect.stringMatching(says),
      retryAt: null,
    });
    expect(await markedPids(spec.mark)).toEqual([]);
  });

  it("is overloaded for a moment only: goes on", async () => {
    const { events, outcome } = await play({ turns: [overloaded(), say("done after all")] });
    expect(outcome).toEqual({ type: "done", text: "done after all" });
    expect(events.filter(({ type }) => type === "retrying")).toEqual([
      {
        type: "retrying",
        detail: expect.stringMatching(/^overloaded \(529\); try 1 of 2 in \d+ s$/),
      },
    ]);
  });

  it("cuts the stream once: goes on, and counts what was used", async () => {
    const { events, outcome } = await play({ turns: [{ cut: true }, say("done after all")] });
    expect(outcome).toEqual({ type: "done", text: "done after all" });
    expect(addUp(events)).toEqual({
      tokens: { input: 2000, output: 200, cacheRead: 0, cacheWrite: 0 },
      usd: expect.any(Number),
    });
  });

  it("is down: overloaded, with a word on the connection", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.close();
    await once(server, "close");
    const env = { ANTHROPIC_BASE_URL: url, CLAUDE_CODE_MAX_RETRIES: "1" };
    const { outcome } = await play({ turns: [] }, { env });
    expect(outcome).toEqual({
      type: "failed",
      failure: "overloaded",
      message: expect.stringMatching(/connect/i),
      retryAt: null,
    });
  });

  it("hangs: stalled", async () => {
    const { outcome, spec } = await play({ turns: [{ hang: true }] }, {}, { stallMs: 3000 });
    expect(outcome).toMatchObject({ type: "failed", failure: "stalled" });
    expect(await markedPids(spec.mark)).toEqual([]);
  });

  it("hits the limit of the subscription: parked until the reset, windows closed", async () => {
    const turns = [use("Bash", { command: "true" }), limitHit(RESETS_AT)];
    const { events, outcome } = await play({ turns }, { credential: "token" });
    expect(outcome).toEqual({
      type: "failed",
      failure: "quota",
      message: expect.stringMatching(/5-hour limit/),
      retryAt: RESETS_AT,
    });
    const quotas = events.flatMap((event) => (event.type === "quota" ? [event.windows] : []));
    const seen = quotas.map((windows) => windows.map(({ status, used }) => ({ status, used })));
    expect(seen.at(-1)).toEqual([
      { status: "closed", used: 1 },
      { status: "open", used: 0.4 },
    ]);
    expect(addUp(events).tokens).toMatchObject({ input: 1000, output: 100 });
  });
});

describe("Claude Code's quota", () => {
  it("arrives with a run, for every window, when a subscription is used", async () => {
    const { events } = await play({ turns: [say("hi")] }, { credential: "token" });
    const observed = { provider: "anthropic", source: "observed", observedAt: NOW } as const;
    expect(events.find(({ type }) => type === "quota")).toEqual({
      type: "quota",
      windows: [
        { window: "five_hour", used: 0.41, resetsAt: RESETS_AT, status: "open", ...observed },
        {
          window: "seven_day",
          used: 0.2,
          resetsAt: RESETS_AT + 86_400_000,
          status: "open",
          ...observed,
        },
      ],
    });
  });

  it("does not exist with a key", async () => {
    const { events } = await play({ turns: [say("hi")] });
    expect(events.filter(({ type }) => type === "quota")).toEqual([]);
  });
});

describe("Claude Code's login", () => {
  it("is missed by the probe and by the run, which asks the model nothing", async () => {
    await using bundle = await openClaude(
      { scenarios: { any: { turns: [say("hi")] } } },
      { credential: "none" },
    );
    const { outcome } = await follow(bundle.executor.start(await bundle.spec("any")));
    expect(outcome).toEqual({
      type: "failed",
      failure: "auth",
      message: expect.stringContaining(LOGIN_MESSAGE),
      retryAt: null,
    });
    expect(bundle.model.requests()).toEqual([]);
    expect(await bundle.executor.probe(AbortSignal.timeout(60_000))).toMatchObject({
      ready: false,
      reason: LOGIN_MESSAGE,
      nextCheckAt: null,
    });
  });

  it.each([
    { credential: "key", says: /^Claude Code [\d.]+, the one bundled.*API key: billed per token/ },
    { credential: "token", says: /subscription token: quota percentages come with runs only/ },
  ] as const)("is explained: $credential", async ({ credential, says }) => {
    await using bundle = await openClaude({ scenarios: {} }, { credential });
    const { detail } = await bundle.executor.probe(AbortSignal.timeout(60_000));
    expect(detail).toMatch(says);
    expect(bundle.model.requests()).toEqual([]);
  });

  it("is warned of when a key hides a subscription", async () => {
    const env = { CLAUDE_CODE_OAUTH_TOKEN: "scripted-token" };
    await using bundle = await openClaude({ scenarios: {} }, { env });
    const { detail } = await bundle.executor.probe(AbortSignal.timeout(60_000));
    expect(detail).toMatch(/overrides the subscription/);
  });
});

describe("Claude Code's output", () => {
  it("is kept whole in the transcript, line by line", async () => {
    const { transcript } = await play({ turns: [use("Bash", { command: "true" }), say("hi")] });
    const lines = transcript?.trimEnd().split("\n") ?? [];
    const types = new Set(lines.map((line) => (JSON.parse(line) as { type: string }).type));
    expect([...types]).toEqual(
      expect.arrayContaining(["system", "stream_event", "assistant", "user", "result"]),
    );
  });
});

async function play(
  scenario: Scenario,
  choice: ClaudeChoice = {},
  more: { readonly stallMs?: number; readonly budgetUsd?: number } = {},
) {
  const script = { scenarios: { play: scenario }, quota: () => QUOTA };
  await using bundle = await openClaude(script, choice);
  const spec = await bundle.spec("play", more);
  const followed = await follow(bundle.executor.start(spec));
  const transcript = await textOf(join(spec.outputDir, "transcript.jsonl"));
  return { spec, transcript, ...followed };
}
