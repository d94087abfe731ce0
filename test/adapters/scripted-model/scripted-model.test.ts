import { describe, expect, it } from "vitest";
import {
  CLOSING_WORDS,
  type Script,
  type ScriptedModel,
  startScriptedModel,
} from "../../../demo/scripted-model.ts";
import { limitHit, overloaded, say, use } from "../../../demo/scripted-turn.ts";

const RESETS_AT = 1_795_470_550_000;
const QUOTA = {
  status: "allowed",
  fiveHour: { used: 0.41, resetsAt: RESETS_AT },
  sevenDay: { used: 0.2, resetsAt: RESETS_AT + 1000 },
} as const;

describe("the scripted model", () => {
  it("plays a story turn by turn for each session, then the closing words", async () => {
    const story = { turns: [use("Bash", { command: "ls" }), say("done")] };
    await using model = await startScriptedModel({ scenarios: { story } });
    const answers: unknown[] = [];
    for (const session of ["a", "b", "a", "b", "a"]) {
      answers.push(await ask(model, session, "[scenario: story] go"));
    }
    const tool = { type: "tool_use", name: "Bash", input: { command: "ls" } };
    expect(answers).toEqual([
      [expect.objectContaining(tool)],
      [expect.objectContaining(tool)],
      [{ type: "text", text: "done" }],
      [{ type: "text", text: "done" }],
      [{ type: "text", text: CLOSING_WORDS }],
    ]);
    expect(model.requests().map(({ sessionId, turn }) => `${sessionId}${turn}`)).toEqual([
      "a0",
      "b0",
      "a1",
      "b1",
      "a2",
    ]);
  });

  it("chooses by the newest words, by the mark, or not at all", async () => {
    await using model = await startScriptedModel({
      scenarios: {
        marked: { turns: [say("by the mark")] },
        fitting: { turns: [say("by the words")], when: (text) => text.includes("backend") },
      },
    });
    const answers = [
      await ask(model, "a", "the backend, [scenario: marked]"),
      await ask(model, "b", "[scenario: marked] please"),
      await ask(model, "c", "[scenario: unknown] please"),
      await ask(model, "d", "please"),
    ];
    expect(answers.flat()).toEqual(
      ["by the words", "by the mark", CLOSING_WORDS, CLOSING_WORDS].map((text) => ({
        type: "text",
        text,
      })),
    );
  });

  it("repeats the last turn where the story says so", async () => {
    const broken = { turns: [overloaded()], repeatLast: true };
    await using model = await startScriptedModel({ scenarios: { broken } });
    const statuses = [];
    for (let count = 0; count < 3; count += 1) {
      statuses.push((await post(model, "a", "[scenario: broken]")).status);
    }
    expect(statuses).toEqual([529, 529, 529]);
  });

  it("answers in the place of a story, which waits meanwhile", async () => {
    let isClosed = true;
    await using model = await startScriptedModel({
      scenarios: { story: { turns: [say("first turn")] } },
      intercept: () => (isClosed ? overloaded() : null),
    });
    expect((await post(model, "a", "[scenario: story]")).status).toBe(529);
    isClosed = false;
    expect(await ask(model, "a", "[scenario: story]")).toEqual([
      { type: "text", text: "first turn" },
    ]);
  });

  it("gives what was asked to a turn that is a function", async () => {
    await using model = await startScriptedModel({
      scenarios: {
        echo: { turns: [({ model: name, userTexts }) => say(`${name} ${userTexts[0]}`)] },
      },
    });
    expect(await ask(model, "a", "[scenario: echo]")).toEqual([
      { type: "text", text: "claude-test [scenario: echo]" },
    ]);
  });

  it("tells of the quota to those who bring a token only", async () => {
    await using model = await startScriptedModel({ scenarios: {}, quota: () => QUOTA });
    const headers = async (token: boolean): Promise<Record<string, string>> => {
      const response = await post(model, "a", "hi", token);
      const all = [...response.headers.entries()];
      return Object.fromEntries(all.filter(([name]) => name.includes("unified")));
    };
    expect(await headers(false)).toEqual({});
    const prefix = "anthropic-ratelimit-unified";
    expect(await headers(true)).toEqual({
      [`${prefix}-status`]: "allowed",
      [`${prefix}-reset`]: "1795470550",
      [`${prefix}-representative-claim`]: "five_hour",
      [`${prefix}-5h-utilization`]: "0.41",
      [`${prefix}-5h-reset`]: "1795470550",
      [`${prefix}-5h-status`]: "allowed",
      [`${prefix}-7d-utilization`]: "0.2",
      [`${prefix}-7d-reset`]: "1795470551",
      [`${prefix}-7d-status`]: "allowed",
    });
  });

  it("refuses at a limit, with the reset", async () => {
    await using model = await startScriptedModel({
      scenarios: { limit: { turns: [limitHit(RESETS_AT)] } },
    });
    const response = await post(model, "a", "[scenario: limit]", true);
    expect(response.status).toBe(429);
    expect(response.headers.get("anthropic-ratelimit-unified-status")).toBe("rejected");
    expect(response.headers.get("anthropic-ratelimit-unified-reset")).toBe("1795470550");
    expect(await response.json()).toMatchObject({ error: { type: "rate_limit_error" } });
  });

  it("counts tokens when asked", async () => {
    await using model = await startScriptedModel({ scenarios: {} });
    const response = await fetch(`${model.url}/v1/messages/count_tokens`, {
      method: "POST",
      body: "{}",
    });
    expect(await response.json()).toEqual({ input_tokens: 1000 });
    expect(model.requests()).toEqual([]);
  });

  it("drops the connection in the middle of an answer", async () => {
    await using model = await startScriptedModel({
      scenarios: { cut: { turns: [{ cut: true }] } },
    });
    const response = await post(model, "a", "[scenario: cut]", false, true);
    await expect(response.text()).rejects.toThrow();
  });

  it("can be closed while an agent waits for an answer that never comes", async () => {
    const model = await startScriptedModel({ scenarios: { hang: { turns: [{ hang: true }] } } });
    const waiting = post(model, "a", "[scenario: hang]").then(
      () => "answered",
      () => "dropped",
    );
    await expect.poll(() => model.requests().length).toBe(1);
    await model.close();
    expect(await waiting).toBe("dropped");
  });

  it("serves many at once", async () => {
    const scenarios: Script["scenarios"] = {
      story: { turns: [use("Bash", { command: "ls" }), say("done")] },
    };
    await using model = await startScriptedModel({ scenarios });
    const sessions = Array.from({ length: 50 }, (_, index) => `session-${index}`);
    const play = async (session: string): Promise<unknown> => {
      await ask(model, session, "[scenario: story]");
      return await ask(model, session, "[scenario: story]");
    };
    const last = await Promise.all(sessions.map(play));
    expect(new Set(last.map((answer) => JSON.stringify(answer)))).toEqual(
      new Set([JSON.stringify([{ type: "text", text: "done" }])]),
    );
  });
});

async function ask(model: ScriptedModel, session: string, words: string): Promise<unknown> {
  const response = await post(model, session, words);
  const { content } = (await response.json()) as { content: unknown };
  return content;
}

async function post(
  model: ScriptedModel,
  session: string,
  words: string,
  isToken = false,
  stream = false,
): Promise<Response> {
  return await fetch(`${model.url}/v1/messages?beta=true`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-claude-code-session-id": session,
      ...(isToken ? { authorization: "Bearer t" } : { "x-api-key": "k" }),
    },
    body: JSON.stringify({
      model: "claude-test",
      max_tokens: 10,
      stream,
      messages: [{ role: "user", content: words }],
    }),
  });
}
