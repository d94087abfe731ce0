import type { ProblemCode } from "../../core/problem.ts";

/** What a call tells the shell that made it. */
export const EXIT = {
  ok: 0,
  other: 1,
  /** The words or the settings were wrong. */
  usage: 2,
  database: 3,
  /** A daemon was needed and none answers. */
  daemon: 4,
  auth: 5,
  notFound: 6,
  /** What was asked does not fit the state of things. */
  conflict: 7,
  taskFailed: 10,
  taskTimeout: 11,
  /** A limit holds the work. */
  limit: 20,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit code for a door's no. */
export function exitCodeOf(code: ProblemCode): ExitCode {
  switch (code) {
    case "invalid":
      return EXIT.usage;
    case "not-found":
      return EXIT.notFound;
    case "conflict":
      return EXIT.conflict;
    case "refused":
      return EXIT.limit;
  }
}
