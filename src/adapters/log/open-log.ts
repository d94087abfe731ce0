import type { Writable } from "node:stream";
import { pino } from "pino";
import type { Log, LogFacts } from "../../ports/log.ts";
import { cleanFacts, cleanText } from "./clean-facts.ts";
import { rotatingFile, type RotatingFile, type RotatingFileOptions } from "./rotating-file.ts";
import { type LogRecord, terminalLine, type TerminalStyle } from "./terminal.ts";

/** Where the log goes; each way may be null. */
export interface LogOptions {
  readonly level: LogRecord["level"];
  /** Replaces every known secret in a text. */
  readonly redact: (text: string) => string;
  readonly file: RotatingFileOptions | null;
  readonly terminal: { readonly stream: Writable; readonly style: TerminalStyle } | null;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** A log that holds a file; dispose it last. */
export interface OpenedLog extends Log, Disposable {}

/** Most bytes that may wait for a slow reader of standard output; further lines are left out there. */
const TERMINAL_BACKLOG_BYTES_MAX = 1024 * 1024;
/** Names that a line itself uses; a fact of such a name gets a trailing underscore. */
const OWN_NAMES: ReadonlySet<string> = new Set(["level", "time", "message"]);

/**
 * The structured log: one JSON object a line into rotating files, readable lines on the terminal.
 * Logging never throws and a reader that goes away never ends the process. Throws only when the
 * file cannot be opened at all.
 */
export function openLog(options: LogOptions): OpenedLog {
  const file = options.file === null ? null : rotatingFile(options.file);
  const terminal = options.terminal === null ? null : safeStream(options.terminal.stream);
  const style = options.terminal?.style ?? "plain";
  const json = jsonWriter(options, file, style === "json" ? terminal : null);

  function emit(record: LogRecord): void {
    const lost = file?.takeLost() ?? 0;
    if (lost > 0)
      json.write({ ...record, level: "warn", message: "Log lines were lost", facts: { lost } });
    json.write(record);
    if (style !== "json") terminal?.(terminalLine(record, style));
  }

  const log = logWith(options, { isOn: json.isOn, emit }, {});
  return { ...log, [Symbol.dispose]: () => file?.[Symbol.dispose]() };
}

interface Sink {
  readonly isOn: (level: LogRecord["level"]) => boolean;
  readonly emit: (record: LogRecord) => void;
}

/** Redaction happens here, before anything is formatted. */
function logWith(options: LogOptions, sink: Sink, bound: LogFacts): Log {
  function at(level: LogRecord["level"]): Log["info"] {
    return (message, facts = {}) => {
      if (!sink.isOn(level)) return;
      sink.emit({
        level,
        at: options.now(),
        message: cleanText(message, options.redact),
        facts: cleanFacts({ ...bound, ...facts }, options.redact),
      });
    };
  }
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (facts) => logWith(options, sink, { ...bound, ...facts }),
  };
}

interface JsonWriter {
  readonly isOn: (level: LogRecord["level"]) => boolean;
  readonly write: (record: LogRecord) => void;
}

function jsonWriter(
  { level }: LogOptions,
  file: RotatingFile | null,
  terminal: ((line: string) => void) | null,
): JsonWriter {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: "message",
      timestamp: false,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line: string) => {
        file?.write(line);
        terminal?.(line);
      },
    },
  );
  return {
    isOn: (asked) => logger.isLevelEnabled(asked),
    write: (record) => {
      const time = new Date(record.at).toISOString();
      logger[record.level]({ time, ...renamed(record.facts) }, record.message);
    },
  };
}

function renamed(facts: LogFacts): LogFacts {
  return Object.fromEntries(
    Object.entries(facts).map(([key, value]) => [OWN_NAMES.has(key) ? `${key}_` : key, value]),
  );
}

/** A way to write that gives up for good when the reader is gone and skips when it is slow. */
function safeStream(stream: Writable): (text: string) => void {
  let isGone = false;
  stream.on("error", () => {
    isGone = true;
  });
  return (text) => {
    if (isGone || !stream.writable || stream.writableLength > TERMINAL_BACKLOG_BYTES_MAX) return;
    stream.write(text);
  };
}
