import type { Event } from "../core/event.ts";

/** Tells someone of events; called at least once for each, in order, from a stored cursor. */
export interface Notifier {
  /** Names its cursor; never change it. */
  readonly name: string;
  /** May throw: the same batch comes again later. Must not call back into the engine. */
  readonly notify: (events: readonly Event[], signal: AbortSignal) => Promise<void>;
}
