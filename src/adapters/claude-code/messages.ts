import type { Instant } from "../../core/task.ts";
import type { RunEvent } from "../../ports/executor.ts";
import type { FailureFacts } from "./failures.ts";
import { readQuota } from "./quota.ts";
import { type Data, data, firstLine, list, number, text } from "./shape.ts";
import { createUsageMeter, type UsageDifference } from "./usage.ts";

const TEXT_MAX_CHARS = 2000;
const DETAIL_MAX_CHARS = 200;
/** Model name on messages that the CLI made up itself, to tell of errors. */
const SYNTHETIC_MODEL = "<synthetic>";

/** Reads the messages of one process of the CLI, in order. */
export interface MessageReader {
  /** What a message tells; nothing for messages that are of no interest or unknown. */
  readonly read: (message: Data) => readonly RunEvent[];
  /** What was learnt so far, for judging a failure. */
  readonly facts: () => Omit<FailureFacts, "exit" | "stderr" | "begun">;
  /** How often the provider refused the login so far. */
  readonly loginRefusals: () => number;
}

/** Starts before the first message; `now` is asked when a quota is observed. */
export function createMessageReader(options: {
  readonly provider: string;
  readonly resumed: boolean;
  readonly now: () => Instant;
}): MessageReader {
  const { now, provider } = options;
  const meter = createUsageMeter(options.resumed);
  let started = false;
  let loginRefusals = 0;
  let facts: Omit<FailureFacts, "exit" | "stderr" | "begun"> = {
    result: null,
    error: null,
    quotaRefused: null,
  };

  const system = (message: Data): readonly RunEvent[] => {
    switch (message["subtype"]) {
      case "init":
        if (started) return [];
        started = true;
        return [startedEvent(message)];
      case "permission_denied":
        return [deniedEvent(message)];
      case "api_retry":
        if (message["error"] === "authentication_failed") loginRefusals += 1;
        facts = { ...facts, error: text(message["error"]) };
        return [{ type: "retrying", detail: retryInWords(message) }];
    }
    return [];
  };

  const read = (message: Data): readonly RunEvent[] => {
    switch (message["type"]) {
      case "system":
        return system(message);
      case "stream_event":
        // The provider answers again: what went wrong before is over.
        if (data(message["event"])["type"] === "message_start") facts = { ...facts, error: null };
        return usageEvents(provider, meter.stream(message));
      case "assistant":
        if (text(message["error"]) !== null) facts = { ...facts, error: text(message["error"]) };
        return assistantEvents(message);
      case "rate_limit_event": {
        const news = readQuota(data(message["rate_limit_info"]), provider, now());
        facts = { ...facts, quotaRefused: news.refused };
        return news.windows.length === 0 ? [] : [{ type: "quota", windows: news.windows }];
      }
      case "result":
        facts = { ...facts, result: message };
        return usageEvents(provider, meter.result(message));
    }
    return [];
  };
  return { read, facts: () => facts, loginRefusals: () => loginRefusals };
}

function startedEvent(message: Data): RunEvent {
  const sessionId = text(message["session_id"]) ?? "";
  return { type: "started", model: text(message["model"]), sessionId };
}

function deniedEvent(message: Data): RunEvent {
  const detail = firstLine(text(message["message"]) ?? "", DETAIL_MAX_CHARS);
  return { type: "denied", tool: text(message["tool_name"]) ?? "unknown", detail };
}

function retryInWords(message: Data): string {
  const status = number(message["error_status"]);
  const error = (text(message["error"]) ?? "unknown").replaceAll("_", " ");
  const waitSeconds = Math.ceil((number(message["retry_delay_ms"]) ?? 0) / 1000);
  const what = status === null ? error : `${error} (${status})`;
  return `${what}; try ${number(message["attempt"]) ?? "?"} of ${number(message["max_retries"]) ?? "?"} in ${waitSeconds} s`;
}

function assistantEvents(message: Data): readonly RunEvent[] {
  const inner = data(message["message"]);
  if (inner["model"] === SYNTHETIC_MODEL) return [];
  const isHelper = text(message["parent_tool_use_id"]) !== null;
  return list(inner["content"]).flatMap((each): RunEvent[] => {
    const block = data(each);
    if (block["type"] === "tool_use") return [toolEvent(block)];
    const words = block["type"] === "text" && !isHelper ? (text(block["text"]) ?? "").trim() : "";
    return words === "" ? [] : [{ type: "text", text: words.slice(0, TEXT_MAX_CHARS) }];
  });
}

function toolEvent(block: Data): RunEvent {
  const input = data(block["input"]);
  const telling = ["file_path", "command", "pattern", "url", "query", "description", "prompt"];
  const detail = telling.map((key) => text(input[key])).find((value) => value !== null) ?? "";
  return {
    type: "tool",
    name: text(block["name"]) ?? "unknown",
    detail: firstLine(detail, DETAIL_MAX_CHARS),
  };
}

function usageEvents(
  provider: string,
  differences: readonly UsageDifference[],
): readonly RunEvent[] {
  return differences.map(({ model, tokens, usd }) => ({
    type: "usage",
    provider,
    model,
    tokens,
    usd,
  }));
}
