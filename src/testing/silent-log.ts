import type { Log, LogFacts } from "../ports/log.ts";

/** One line that was logged. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly facts: LogFacts;
}

/** A log that prints nothing and remembers everything, the lines of its children among them. */
export interface SilentLog extends Log {
  /** All lines so far, oldest first. */
  readonly lines: readonly LogLine[];
}

/** A log for tests. */
export function silentLog(): SilentLog {
  const lines: LogLine[] = [];
  return { ...logInto(lines, {}), lines };
}

function logInto(lines: LogLine[], bound: LogFacts): Log {
  function at(level: LogLine["level"]): Log["info"] {
    return (message, facts = {}) => {
      lines.push({ level, message, facts: { ...bound, ...facts } });
    };
  }
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (facts) => logInto(lines, { ...bound, ...facts }),
  };
}
