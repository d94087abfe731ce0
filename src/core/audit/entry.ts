/** Kinds of promises. */
export const PROMISES = [
  "slots",
  "tasks",
  "attempts",
  "retries",
  "effects",
  "messages",
  "notifications",
] as const;
export type PromiseKind = (typeof PROMISES)[number];

/** Something a person should know of a promise. */
export interface Note {
  readonly kind: PromiseKind;
  /** What it is about, in one sentence. */
  readonly message: string;
  readonly advice: string;
}

/** One part of the books, counted. */
export interface Entry {
  readonly kind: PromiseKind;
  readonly promises: number;
  readonly outcomes: number;
  readonly open: number;
  readonly openNotes?: readonly Note[];
  readonly wrong?: readonly Note[];
}

/** A promise that was kept, or came out otherwise. */
export function kept(kind: PromiseKind, count = 1): Entry {
  return { kind, promises: count, outcomes: count, open: 0 };
}

/** A promise that is still to come. */
export function stillOpen(kind: PromiseKind, note: Omit<Note, "kind"> | null = null): Entry {
  const openNotes = note === null ? [] : [{ kind, ...note }];
  return { kind, promises: 1, outcomes: 0, open: 1, openNotes };
}

/** A promise that has no outcome and nothing that will give it one. */
export function broken(kind: PromiseKind, message: string, advice: string): Entry {
  return { kind, promises: 1, outcomes: 0, open: 0, wrong: [{ kind, message, advice }] };
}

/** Something that does not add up and is no promise of its own. */
export function odd(kind: PromiseKind, message: string, advice: string): Entry {
  return { kind, promises: 0, outcomes: 0, open: 0, wrong: [{ kind, message, advice }] };
}

/** What is done about rows that no way of ours makes. */
export const REPORT_IT = "keep a copy with `sle db backup` and report it";
