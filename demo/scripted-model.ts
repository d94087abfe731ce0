import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChatCompletionRequest, type FixtureResponse, LLMock } from "@copilotkit/aimock";
import { parseBody, type ScriptedBody, type ScriptedRequest, tapBody } from "./scripted-request.ts";
import { quotaHeaders, type ScriptedQuota, type ScriptedTurn } from "./scripted-turn.ts";

/** A story the model plays: its turns one after the other, then a closing sentence for ever. */
export interface Scenario {
  /** Plays the last turn for ever instead of the closing sentence. */
  readonly repeatLast?: boolean;
  readonly turns: readonly (ScriptedTurn | ((request: ScriptedRequest) => ScriptedTurn))[];
  /** Chosen for a session by its newest user text that fits; else by `[scenario: name]` in any user text. */
  readonly when?: (text: string) => boolean;
}

/** All stories by name, and what holds for every answer. */
export interface Script {
  readonly scenarios: Readonly<Record<string, Scenario>>;
  /** Told with every answer whose turn says nothing of its own; only agents with a token hear it. */
  readonly quota?: () => ScriptedQuota;
  /** Asked before the scenario; with null the scenario answers, else it stays where it is. */
  readonly intercept?: (request: ScriptedRequest) => ScriptedTurn | null;
}

/** A running scripted model; `url` is what ANTHROPIC_BASE_URL must be. */
export interface ScriptedModel extends AsyncDisposable {
  readonly url: string;
  /** Every request so far, oldest first. */
  readonly requests: () => readonly ScriptedRequest[];
  readonly close: () => Promise<void>;
}

/** The words that end every scenario. */
export const CLOSING_WORDS = "There is nothing more to do.";

const USAGE_DEFAULT = { input: 1000, output: 100 } as const;
const CUT_EVERY_MS = 20;
const CUT_WORDS = "These words are dropped before they";
const SCENARIO_MARKER = /\[scenario: ([\w-]+)\]/;

/** One request on its way, from its headers to its answer. */
interface Pending {
  readonly res: ServerResponse;
  readonly sessionId: string;
  readonly credential: ScriptedRequest["credential"];
  /** Null until the body was read. */
  body: ScriptedBody | null;
  turn: ScriptedTurn | null;
}

/** What is remembered of one session: its story, its requests, and how far the story is. */
interface Session {
  readonly scenario: string | null;
  requests: number;
  next: number;
}

/** Starts a scripted model on a free port of the loopback; any number of agents may use it at once. */
export async function startScriptedModel(script: Script): Promise<ScriptedModel> {
  const mock = new LLMock({ port: 0, host: "127.0.0.1", journalMaxEntries: 1 });
  const pending = new Map<string, Pending>();
  const requests: ScriptedRequest[] = [];
  const play = player(script, requests);

  mock.mount("/v1", {
    handleRequest: async (req, res, path) => {
      if (path.endsWith("/count_tokens")) return countTokens(res);
      // This header comes back with the parsed request, which has no other tie to its response.
      const id = `${pending.size}-${Math.random()}`;
      req.headers["x-aimock-context"] = id;
      const asked: Pending = { res, ...whoAsks(req), body: null, turn: null };
      tapBody(req, (body) => {
        asked.body = parseBody(body);
      });
      pending.set(id, asked);
      res.once("close", () => pending.delete(id));
      return false;
    },
  });
  const turnOf = (parsed: ChatCompletionRequest): { asked: Pending; turn: ScriptedTurn } => {
    const asked = pending.get(parsed._context ?? "");
    if (asked === undefined || asked.body === null) throw new Error("the agent hung up");
    asked.turn ??= play(asked, asked.body);
    return { asked, turn: asked.turn };
  };
  const answer = async (body: ChatCompletionRequest): Promise<FixtureResponse> => {
    const { asked, turn } = turnOf(body);
    return await answerOf(turn, asked, script.quota?.());
  };
  const isCut = (body: ChatCompletionRequest): boolean => "cut" in turnOf(body).turn;
  // Slowly, so that the beginning is on its way before the connection is dropped.
  mock.on({ predicate: isCut }, answer, { latency: CUT_EVERY_MS, truncateAfterChunks: 3 });
  mock.on({ predicate: () => true }, answer);
  await mock.start();

  const close = async (): Promise<void> => {
    for (const { res } of pending.values()) res.destroy();
    await mock.stop();
  };
  return { url: mock.url, requests: () => requests, close, [Symbol.asyncDispose]: close };
}

/** Chooses the next turn of whoever asks. A turn is used up by being asked for, answered or not. */
function player(
  script: Script,
  requests: ScriptedRequest[],
): (asked: Pending, body: ScriptedBody) => ScriptedTurn {
  const sessions = new Map<string, Session>();
  return (asked, body) => {
    const session = sessions.get(asked.sessionId) ?? {
      scenario: chooseScenario(script, body.userTexts),
      requests: 0,
      next: 0,
    };
    sessions.set(asked.sessionId, session);
    const request: ScriptedRequest = {
      sessionId: asked.sessionId,
      scenario: session.scenario,
      turn: session.requests,
      credential: asked.credential,
      model: body.model,
      system: body.system,
      userTexts: body.userTexts,
      notices: body.notices,
      toolResults: body.toolResults,
    };
    requests.push(request);
    session.requests += 1;
    const intercepted = script.intercept?.(request);
    if (intercepted !== undefined && intercepted !== null) return intercepted;
    const scenario = script.scenarios[session.scenario ?? ""];
    const last = scenario?.repeatLast === true ? scenario.turns.at(-1) : undefined;
    const turn = scenario?.turns[session.next] ?? last;
    session.next += 1;
    if (turn === undefined) return { text: CLOSING_WORDS };
    return typeof turn === "function" ? turn(request) : turn;
  };
}

function chooseScenario(script: Script, userTexts: readonly string[]): string | null {
  // Agents put reminders of their own behind the words of the person: the newest that fits counts.
  for (const text of userTexts.toReversed()) {
    const fitting = Object.entries(script.scenarios).find(([, { when }]) => when?.(text) === true);
    if (fitting !== undefined) return fitting[0];
  }
  const marked = userTexts.map((text) => SCENARIO_MARKER.exec(text)?.[1]);
  return marked.findLast((name) => name !== undefined) ?? null;
}

async function answerOf(
  turn: ScriptedTurn,
  { res, credential, body: asked }: Pending,
  quotaDefault: ScriptedQuota | undefined,
): Promise<FixtureResponse> {
  const quota = turn.quota ?? quotaDefault;
  if (quota !== undefined && credential === "token" && !res.headersSent) {
    for (const [name, value] of Object.entries(quotaHeaders(quota))) res.setHeader(name, value);
  }
  if (turn.delayMs !== undefined) await sleep(turn.delayMs);
  if ("cut" in turn && asked?.isStreamed === false) res.destroy();
  if ("hang" in turn) await new Promise((resolve) => res.once("close", resolve));
  const used = turn.usage ?? USAGE_DEFAULT;
  const usage = { input_tokens: used.input, output_tokens: used.output };
  if ("error" in turn) {
    const { status, type, message, retryAfterSeconds } = turn.error;
    const retryAfter = retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds };
    return { status, error: { type, message }, ...retryAfter };
  }
  if ("refusal" in turn) return { content: "", finishReason: "refusal", usage };
  const content = "text" in turn ? turn.text : "cut" in turn ? CUT_WORDS : "";
  if (!("tools" in turn) || turn.tools === undefined) return { content, usage };
  const toolCalls = turn.tools.map(({ name, input }) => ({
    name,
    arguments: JSON.stringify(input),
  }));
  return content === "" ? { toolCalls, usage } : { content, toolCalls, usage };
}

function whoAsks(req: IncomingMessage): Pick<Pending, "sessionId" | "credential"> {
  const sessionId = String(req.headers["x-claude-code-session-id"] ?? "none");
  if (req.headers["x-api-key"] !== undefined) return { sessionId, credential: "key" };
  return { sessionId, credential: req.headers.authorization === undefined ? null : "token" };
}

function countTokens(res: ServerResponse): boolean {
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify({ input_tokens: USAGE_DEFAULT.input }));
  return true;
}
