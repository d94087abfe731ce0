import type { Books } from "../books.ts";
import type { Instant } from "../task.ts";
import { balanceAttempts } from "./attempts.ts";
import { balanceEffects } from "./effects.ts";
import { type Entry, type Note, PROMISES, type PromiseKind } from "./entry.ts";
import { balanceMessages, balanceNotifications } from "./messages.ts";
import { balanceSlots } from "./slots.ts";
import { balanceTasks } from "./tasks.ts";

/** How many promises of a kind there are, and what came of them. */
export interface Balance {
  readonly promises: number;
  readonly outcomes: number;
  readonly open: number;
  /** How many findings speak against the books. */
  readonly imbalance: number;
}

/** The books, balanced. */
export interface Audit extends Balance {
  readonly kinds: Readonly<Record<PromiseKind, Balance>>;
  /** What is still to come, where there is something to say about it. */
  readonly openNotes: readonly Note[];
  readonly imbalances: readonly Note[];
}

/** What an audit knows besides the books. */
export interface AuditFrame {
  readonly at: Instant;
  /** True when some daemon is there to keep what is promised. */
  readonly daemonLives: boolean;
}

/**
 * Balances the books: every slot, task, attempt, retry, effect, message and notification that was
 * promised has one outcome, is open for a reason, or is named with what to do.
 */
export function balance(books: Books, frame: AuditFrame): Audit {
  const entries: readonly Entry[] = [
    ...balanceSlots(books, frame),
    ...balanceTasks(books),
    ...balanceAttempts(books),
    ...balanceEffects(books, frame),
    ...balanceMessages(books),
    ...balanceNotifications(books),
  ];
  const kinds = Object.fromEntries(
    PROMISES.map((kind) => [kind, sum(entries.filter((entry) => entry.kind === kind))]),
  ) as Record<PromiseKind, Balance>;
  return {
    ...sum(entries),
    kinds,
    openNotes: entries.flatMap(({ openNotes }) => openNotes ?? []),
    imbalances: entries.flatMap(({ wrong }) => wrong ?? []),
  };
}

function sum(entries: readonly Entry[]): Balance {
  const total = (count: (entry: Entry) => number): number =>
    entries.reduce((all, entry) => all + count(entry), 0);
  return {
    promises: total(({ promises }) => promises),
    outcomes: total(({ outcomes }) => outcomes),
    open: total(({ open }) => open),
    imbalance: total(({ wrong }) => wrong?.length ?? 0),
  };
}
