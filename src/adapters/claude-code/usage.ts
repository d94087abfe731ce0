import type { TokenCounts } from "../../core/attempt.ts";
import { type Data, data, number, text } from "./shape.ts";

/** Use of one model since the last such report. */
export interface UsageDifference {
  readonly model: string;
  readonly tokens: TokenCounts;
  readonly usd: number;
}

/**
 * Counts what a run uses from its stream, so that a killed run loses nothing, and settles the
 * difference with what the results say: helpers' calls, calls that were not streamed, and the price.
 */
export interface UsageMeter {
  /** A `stream_event` message. */
  readonly stream: (message: Data) => readonly UsageDifference[];
  /** A `result` message. */
  readonly result: (message: Data) => readonly UsageDifference[];
}

interface Counts {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

/** One model call on its way. */
interface Call {
  readonly model: string;
  readonly counted: Counts;
}

/** Starts at zero; `resumed` says that totals of results begin with those of an earlier run. */
export function createUsageMeter(resumed: boolean): UsageMeter {
  /** By stream: the main conversation, or the tool call that a helper works for. */
  const calls = new Map<string, Call>();
  /** Counted and not yet settled by a result. */
  const unsettled = new Map<string, Counts>();
  /** Totals of the last result, by model; null before the first one. */
  let totals: Data | null = null;

  const count = (call: Call, usage: Data): readonly UsageDifference[] => {
    // Within one call the numbers only grow: each report is a total so far.
    const now = readCounts(usage, "snake");
    const tokens = positiveDifference(now, call.counted);
    add(call.counted, tokens);
    const counted = unsettled.get(call.model) ?? noCounts();
    add(counted, tokens);
    unsettled.set(call.model, counted);
    return isNothing(tokens) ? [] : [{ model: call.model, tokens, usd: 0 }];
  };

  return {
    stream: (message) => {
      const event = data(message["event"]);
      const stream = text(message["parent_tool_use_id"]) ?? "";
      if (event["type"] === "message_start") {
        const started = data(event["message"]);
        const call = { model: text(started["model"]) ?? "unknown", counted: noCounts() };
        calls.set(stream, call);
        return count(call, data(started["usage"]));
      }
      const call = calls.get(stream);
      if (event["type"] !== "message_delta" || call === undefined) return [];
      return count(call, data(event["usage"]));
    },
    result: (message) => {
      const sinceLast = sinceLastResult(message, totals, resumed, unsettled);
      totals = data(message["modelUsage"]);
      const differences = Object.entries(sinceLast).flatMap(([model, facts]) => {
        const streamedAs = streamedName(model, data(facts), unsettled);
        const streamed = unsettled.get(streamedAs) ?? noCounts();
        const tokens = positiveDifference(readCounts(data(facts), "camel"), streamed);
        const usd = Math.max(0, number(data(facts)["costUSD"]) ?? 0);
        return isNothing(tokens) && usd === 0 ? [] : [{ model: streamedAs, tokens, usd }];
      });
      unsettled.clear();
      return differences;
    },
  };
}

/** Use by model since the last result, as the CLI says it, else worked out from its totals. */
function sinceLastResult(
  message: Data,
  before: Data | null,
  resumed: boolean,
  unsettled: ReadonlyMap<string, Counts>,
): Data {
  const told = message["model_usage_since_last_result"];
  if (typeof told === "object" && told !== null) return data(told);
  const totals = data(message["modelUsage"]);
  return Object.fromEntries(
    Object.entries(totals).map(([model, facts]) => {
      const total = data(facts);
      // The first total of a resumed session holds earlier runs: ours is the share that was streamed.
      if (before === null && resumed) {
        const streamed = unsettled.get(streamedName(model, total, unsettled)) ?? noCounts();
        return [model, shareOf(total, streamed)];
      }
      return [model, minus(total, data(data(before)[model]))];
    }),
  );
}

function shareOf(total: Data, streamed: Counts): Data {
  const all = sum(readCounts(total, "camel"));
  const share = all === 0 ? 0 : Math.min(1, sum(streamed) / all);
  return { costUSD: (number(total["costUSD"]) ?? 0) * share };
}

function minus(total: Data, before: Data): Data {
  const keys = [...Object.values(CAMEL), "costUSD"];
  return Object.fromEntries(
    keys.map((key) => [key, (number(total[key]) ?? 0) - (number(before[key]) ?? 0)]),
  );
}

/** Results may name a model otherwise than the stream did, with a date or a variant behind the name. */
function streamedName(model: string, facts: Data, unsettled: ReadonlyMap<string, Counts>): string {
  const canonical = text(facts["canonicalModel"]) ?? model;
  const isSame = (name: string): boolean =>
    name === model || name === canonical || name.startsWith(canonical) || model.startsWith(name);
  return unsettled.has(model) ? model : ([...unsettled.keys()].find(isSame) ?? model);
}

const SNAKE = {
  input: "input_tokens",
  output: "output_tokens",
  cacheRead: "cache_read_input_tokens",
  cacheWrite: "cache_creation_input_tokens",
} as const;
const CAMEL = {
  input: "inputTokens",
  output: "outputTokens",
  cacheRead: "cacheReadInputTokens",
  cacheWrite: "cacheCreationInputTokens",
} as const;

function readCounts(usage: Data, style: "snake" | "camel"): Counts {
  const names = style === "snake" ? SNAKE : CAMEL;
  return {
    input: number(usage[names.input]) ?? 0,
    output: number(usage[names.output]) ?? 0,
    cacheRead: number(usage[names.cacheRead]) ?? 0,
    cacheWrite: number(usage[names.cacheWrite]) ?? 0,
  };
}

function noCounts(): Counts {
  return { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
}

function positiveDifference(now: Counts, before: Counts): Counts {
  return {
    input: Math.max(0, now.input - before.input),
    output: Math.max(0, now.output - before.output),
    cacheRead: Math.max(0, now.cacheRead - before.cacheRead),
    cacheWrite: Math.max(0, now.cacheWrite - before.cacheWrite),
  };
}

function add(to: Counts, more: Counts): void {
  to.input += more.input;
  to.output += more.output;
  to.cacheRead += more.cacheRead;
  to.cacheWrite += more.cacheWrite;
}

function sum(counts: Counts): number {
  return counts.input + counts.output + counts.cacheRead + counts.cacheWrite;
}

function isNothing(counts: Counts): boolean {
  return sum(counts) === 0;
}
