/** Facts beside a log message; `taskId` and `attempt` always when they are known. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** Structured log. Messages are constant sentences, what varies is in the facts. */
export interface Log {
  readonly debug: (message: string, facts?: LogFacts) => void;
  readonly info: (message: string, facts?: LogFacts) => void;
  readonly warn: (message: string, facts?: LogFacts) => void;
  readonly error: (message: string, facts?: LogFacts) => void;
  /** A log whose lines all carry these facts. */
  readonly with: (facts: LogFacts) => Log;
}
