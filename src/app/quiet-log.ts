import type { Log } from "../ports/log.ts";

/** For commands, which say in their answers what they have to say. */
export const QUIET: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  with: () => QUIET,
};
