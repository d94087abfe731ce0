import { printable, printableLine } from "../../../core/terminal.ts";
import type { Paint } from "../output.ts";
import { formatUsd } from "./numbers.ts";

/** Turns one line of an attempt's record into the lines a person reads; none for what tells nothing. */
export type RenderLine = (line: string) => readonly string[];

/** Most lines of a tool's answer that are shown. */
const ANSWER_LINES_MAX = 4;
/** Longest tool input that is shown. */
const INPUT_CHARACTERS_MAX = 160;

/** Readable lines of plain output. */
export function plainLines(): RenderLine {
  return (line) => [printable(line)];
}

/** Readable lines of a Claude Code transcript: one JSON message a line, unknown ones named only. */
export function transcriptLines(paint: Paint): RenderLine {
  return (line) => {
    const message = parse(line);
    if (message === null) return line.trim() === "" ? [] : [printable(line)];
    switch (message["type"]) {
      case "assistant":
        return contentOf(message).flatMap((block) => said(paint, block));
      case "user":
        return contentOf(message).flatMap((block) => answered(paint, block));
      case "system":
        return [paint("dim", systemWords(message))];
      case "result":
        return [paint("bold", resultWords(message))];
      case "stream_event":
      case "keep_alive":
        return [];
      default:
        return [paint("dim", `· ${printableLine(textOf(message["type"]) || "unknown message")}`)];
    }
  };
}

type Fields = Readonly<Record<string, unknown>>;

function parse(line: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(line));
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : null;
}

/** The blocks of a message; text given without blocks becomes one. */
function contentOf(message: Fields): readonly Fields[] {
  const content = fieldsOf(message["message"])?.["content"];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content)) return [];
  return content.map(fieldsOf).filter((block) => block !== null);
}

function said(paint: Paint, block: Fields): readonly string[] {
  switch (block["type"]) {
    case "text":
      return linesOf(textOf(block["text"]));
    case "thinking":
      return linesOf(textOf(block["thinking"])).map((line) => paint("dim", line));
    case "tool_use":
      return [paint("cyan", `→ ${printableLine(textOf(block["name"]))}${inputWords(block)}`)];
    default:
      return [];
  }
}

function answered(paint: Paint, block: Fields): readonly string[] {
  if (block["type"] === "text") {
    return linesOf(textOf(block["text"])).map((line) => paint("bold", `> ${line}`));
  }
  if (block["type"] !== "tool_result") return [];
  const style = block["is_error"] === true ? "red" : "dim";
  const lines = linesOf(answerText(block["content"]));
  const more = lines.length - ANSWER_LINES_MAX;
  const shown = more > 1 ? [...lines.slice(0, ANSWER_LINES_MAX), `… ${more} more lines`] : lines;
  return shown.map((line) => paint(style, `  ${line}`));
}

function answerText(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content);
  return content.map((part) => textOf(fieldsOf(part)?.["text"])).join("\n");
}

/** What a tool is used on: its command, file, pattern, or whatever text comes first. */
function inputWords(block: Fields): string {
  const input = fieldsOf(block["input"]) ?? {};
  const telling = ["command", "file_path", "path", "pattern", "url", "query", "description"];
  const name = telling.find((each) => typeof input[each] === "string");
  const value = name === undefined ? Object.values(input).find(isText) : input[name];
  if (!isText(value)) return "";
  const text = printableLine(value);
  return `: ${text.length > INPUT_CHARACTERS_MAX ? `${text.slice(0, INPUT_CHARACTERS_MAX)}…` : text}`;
}

function systemWords(message: Fields): string {
  const model = isText(message["model"]) ? `, model ${message["model"]}` : "";
  const session = isText(message["session_id"]) ? ` ${message["session_id"]}` : "";
  return message["subtype"] === "init"
    ? printableLine(`· session${session}${model}`)
    : printableLine(`· ${textOf(message["subtype"]) || "system"}`);
}

function resultWords(message: Fields): string {
  const { num_turns: turns, total_cost_usd: usd } = message;
  return [
    `= ${printableLine(textOf(message["subtype"]) || "ended")}`,
    ...(typeof turns === "number" ? [`${turns} turns`] : []),
    ...(typeof usd === "number" ? [formatUsd(usd)] : []),
  ].join(", ");
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd() === "" ? [] : printable(text.trimEnd()).split("\n");
}

function textOf(value: unknown): string {
  return isText(value) ? value : "";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
