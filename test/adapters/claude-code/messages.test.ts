import { describe, expect, it } from "vitest";
import { createMessageReader } from "../../../src/adapters/claude-code/messages.ts";
import type { RunEvent } from "../../../src/ports/executor.ts";
import { addUp } from "../executor-contract.ts";

const AT = 1_795_000_000_000;
const OPUS = "claude-opus-5-5";

describe("what is read of messages", () => {
  it("tells once that the agent began", () => {
    const init = { type: "system", subtype: "init", model: OPUS, session_id: "s-1" };
    expect(read([init, init])).toEqual([{ type: "started", model: OPUS, sessionId: "s-1" }]);
  });

  it("tells words and tools, of helpers tools only, of the CLI's own words nothing", () => {
    const content = [
      { type: "thinking", thinking: "hm" },
      { type: "text", text: " I look.\n" },
      { type: "text", text: "  " },
      { type: "tool_use", name: "Bash", input: { description: "d", command: "ls\n-l" } },
      { type: "tool_use", name: "Odd", input: 7 },
    ];
    const own = { type: "assistant", message: { model: OPUS, content }, parent_tool_use_id: null };
    const helpers = { ...own, parent_tool_use_id: "toolu_1" };
    const synthetic = { ...own, message: { model: "<synthetic>", content } };
    const tools: RunEvent[] = [
      { type: "tool", name: "Bash", detail: "ls" },
      { type: "tool", name: "Odd", detail: "" },
    ];
    expect(read([own])).toEqual([{ type: "text", text: "I look." }, ...tools]);
    expect(read([helpers, synthetic])).toEqual(tools);
  });

  it("tells denials and retries", () => {
    const denied = {
      type: "system",
      subtype: "permission_denied",
      tool_name: "WebFetch",
      message: "not allowed\nreally",
    };
    const retry = {
      type: "system",
      subtype: "api_retry",
      attempt: 2,
      max_retries: 10,
      retry_delay_ms: 1212,
      error_status: 529,
      error: "overloaded",
    };
    const lost = { ...retry, error_status: null, error: "unknown" };
    expect(read([denied, retry, lost])).toEqual([
      { type: "denied", tool: "WebFetch", detail: "not allowed" },
      { type: "retrying", detail: "overloaded (529); try 2 of 10 in 2 s" },
      { type: "retrying", detail: "unknown; try 2 of 10 in 2 s" },
    ]);
  });

  it.each([
    {},
    { type: "command_lifecycle", anything: [1] },
    { type: "system", subtype: "model_fallback" },
    { type: "system" },
    { type: "assistant" },
    { type: "stream_event" },
    { type: "rate_limit_event" },
    { type: "result", modelUsage: 7 },
    { type: 42 },
  ])("takes unknown and odd messages for data: %j", (message) => {
    expect(read([message])).toEqual([]);
  });
});

describe("the facts for judging a failure", () => {
  it("forgets an error when the provider answers again", () => {
    const reader = open();
    reader.read({ type: "system", subtype: "api_retry", error: "overloaded" });
    expect(reader.facts().error).toBe("overloaded");
    reader.read(started({ input_tokens: 1 }));
    expect(reader.facts().error).toBeNull();
  });

  it("counts refusals of the login", () => {
    const reader = open();
    const retry = { type: "system", subtype: "api_retry", error: "authentication_failed" };
    reader.read(retry);
    reader.read({ ...retry, error: "overloaded" });
    reader.read(retry);
    expect(reader.loginRefusals()).toBe(2);
  });

  it("keeps the last of several results", () => {
    const reader = open();
    reader.read({ type: "result", result: "first" });
    reader.read({ type: "result", result: "second" });
    expect(reader.facts().result).toEqual({ type: "result", result: "second" });
  });
});

describe("quota windows", () => {
  const observed = { provider: "anthropic", source: "observed", observedAt: AT } as const;
  const five = { window: "five_hour", used: 0.41, resetsAt: 1_795_351_539_000 };
  const seven = { window: "seven_day", used: 0.2, resetsAt: 1_795_800_000_000 };
  const unifiedWindows = {
    five_hour: { utilization: 0.41, resetsAt: 1_795_351_539, status: "allowed" },
    seven_day: { utilization: 0.2, resetsAt: 1_795_800_000, status: "allowed" },
  };

  it("tells all windows where the CLI knows them", () => {
    const info = { status: "allowed", rateLimitType: "five_hour", unifiedWindows };
    expect(quota(info)).toEqual([
      { ...five, ...observed, status: "open" },
      { ...seven, ...observed, status: "open" },
    ]);
  });

  it("tells the one window that an older CLI speaks of", () => {
    const info = {
      status: "allowed_warning",
      rateLimitType: "seven_day_opus",
      utilization: 0.93,
      resetsAt: 1_795_800_000,
    };
    expect(quota(info)).toEqual([
      { ...seven, ...observed, window: "seven_day_opus", used: 0.93, status: "open" },
    ]);
  });

  it("closes the window that refuses, and says until when", () => {
    const reader = open();
    const info = {
      status: "rejected",
      rateLimitType: "five_hour",
      resetsAt: 1_795_351_539,
      unifiedWindows: { ...unifiedWindows, five_hour: { utilization: 1, resetsAt: 1_795_351_539 } },
    };
    expect(reader.read({ type: "rate_limit_event", rate_limit_info: info })).toEqual([
      {
        type: "quota",
        windows: [
          { ...five, ...observed, used: 1, status: "closed" },
          { ...seven, ...observed, status: "open" },
        ],
      },
    ]);
    expect(reader.facts().quotaRefused).toEqual({ resetsAt: 1_795_351_539_000 });
  });

  it("takes nothing for granted", () => {
    const info = {
      status: "rejected",
      rateLimitType: "overage",
      utilization: "much",
      resetsAt: Number.NaN,
      unifiedWindows: { odd: "no window" },
    };
    expect(quota(info)).toEqual([
      { ...observed, window: "odd", used: null, resetsAt: null, status: "open" },
      { ...observed, window: "overage", used: null, resetsAt: null, status: "closed" },
    ]);
  });
});

describe("counting use", () => {
  it("counts every call of the stream, helpers' beside the main one", () => {
    const events = read([
      started({ input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 5 }),
      started({ input_tokens: 7, output_tokens: 1 }, "toolu_1", "claude-haiku-5-5"),
      delta({ output_tokens: 20 }),
      delta({ output_tokens: 30, input_tokens: 10 }),
      delta({ output_tokens: 4 }, "toolu_1"),
      started({ input_tokens: 2, output_tokens: 1 }),
    ]);
    expect(byModel(events)).toEqual({
      [OPUS]: { tokens: { input: 12, output: 31, cacheRead: 5, cacheWrite: 0 }, usd: 0 },
      "claude-haiku-5-5": {
        tokens: { input: 7, output: 4, cacheRead: 0, cacheWrite: 0 },
        usd: 0,
      },
    });
  });

  it("adds from a result only what the stream did not tell, and the price", () => {
    const usage = {
      [OPUS]: { inputTokens: 12, outputTokens: 40, cacheReadInputTokens: 5, costUSD: 0.5 },
      "claude-haiku-5-5": { inputTokens: 3, outputTokens: 1, costUSD: 0.01 },
    };
    const events = read([
      started({ input_tokens: 12, output_tokens: 1, cache_read_input_tokens: 5 }),
      delta({ output_tokens: 31 }),
      { type: "result", modelUsage: usage, model_usage_since_last_result: usage },
    ]);
    expect(events.slice(2)).toEqual([
      usageEvent(OPUS, { input: 0, output: 9, cacheRead: 0, cacheWrite: 0 }, 0.5),
      usageEvent("claude-haiku-5-5", { input: 3, output: 1, cacheRead: 0, cacheWrite: 0 }, 0.01),
    ]);
  });

  it("counts several results of one run once", () => {
    const once = { [OPUS]: { inputTokens: 10, outputTokens: 1, costUSD: 0.1 } };
    const twice = { [OPUS]: { inputTokens: 20, outputTokens: 2, costUSD: 0.25 } };
    const messages = (since: boolean) => [
      started({ input_tokens: 10, output_tokens: 1 }),
      {
        type: "result",
        modelUsage: once,
        ...(since ? { model_usage_since_last_result: once } : {}),
      },
      started({ input_tokens: 10, output_tokens: 1 }),
      {
        type: "result",
        modelUsage: twice,
        ...(since
          ? { model_usage_since_last_result: { [OPUS]: { ...once[OPUS], costUSD: 0.15 } } }
          : {}),
      },
    ];
    const sums = [true, false].map((since) => addUp(read(messages(since))));
    const expected = { tokens: { input: 20, output: 2, cacheRead: 0, cacheWrite: 0 }, usd: 0.25 };
    expect(sums).toEqual([expected, expected]);
  });

  it("does not count again what a resumed session used before", () => {
    const total = { [OPUS]: { inputTokens: 40, outputTokens: 4, costUSD: 0.44 } };
    const streamed = started({ input_tokens: 10, output_tokens: 1 });
    const since = { [OPUS]: { inputTokens: 10, outputTokens: 1, costUSD: 0.11 } };
    const told = { type: "result", modelUsage: total, model_usage_since_last_result: since };
    const notTold = { type: "result", modelUsage: total };
    const sums = [told, notTold].map((result) => addUp(read([streamed, result], true)));
    const expected = { tokens: { input: 10, output: 1, cacheRead: 0, cacheWrite: 0 }, usd: 0.11 };
    expect(sums).toEqual([expected, expected]);
  });

  it("knows a model that the result names otherwise", () => {
    const usage = {
      [`${OPUS}[1m]`]: { inputTokens: 10, outputTokens: 1, costUSD: 0.1, canonicalModel: OPUS },
    };
    const events = read([
      started({ input_tokens: 10, output_tokens: 1 }, null, `${OPUS}-20261001`),
      { type: "result", modelUsage: usage, model_usage_since_last_result: usage },
    ]);
    expect(addUp(events)).toEqual({
      tokens: { input: 10, output: 1, cacheRead: 0, cacheWrite: 0 },
      usd: 0.1,
    });
    expect(Object.keys(byModel(events))).toEqual([`${OPUS}-20261001`]);
  });
});

function open(resumed = false): ReturnType<typeof createMessageReader> {
  return createMessageReader({ provider: "anthropic", resumed, now: () => AT });
}

function read(messages: readonly Record<string, unknown>[], resumed = false): RunEvent[] {
  const reader = open(resumed);
  return messages.flatMap((message) => reader.read(message));
}

function quota(info: Record<string, unknown>): unknown {
  const [event] = read([{ type: "rate_limit_event", rate_limit_info: info }]);
  return event?.type === "quota" ? event.windows : null;
}

function started(usage: object, helper: string | null = null, model = OPUS) {
  const event = { type: "message_start", message: { model, usage } };
  return { type: "stream_event", parent_tool_use_id: helper, event };
}

function delta(usage: object, helper: string | null = null) {
  return {
    type: "stream_event",
    parent_tool_use_id: helper,
    event: { type: "message_delta", usage },
  };
}

function usageEvent(model: string, tokens: object, usd: number) {
  return { type: "usage", provider: "anthropic", model, tokens, usd };
}

function byModel(events: readonly RunEvent[]): Record<string, ReturnType<typeof addUp>> {
  const models = new Set(events.flatMap((event) => (event.type === "usage" ? [event.model] : [])));
  return Object.fromEntries(
    [...models].map((model) => [
      model,
      addUp(events.filter((event) => event.type === "usage" && event.model === model)),
    ]),
  );
}
