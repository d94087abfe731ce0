/** What kind of no an operation gave; surfaces turn it into exit codes and statuses. */
export type ProblemCode = "invalid" | "not-found" | "conflict" | "refused";

/** Why an operation was not done: one clear sentence, and which fields it is about. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly fields: readonly { readonly field: string; readonly message: string }[];
}

/** The answer of a door: a value or a problem, never an exception for what a person did. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem };

/** The answer that something was done. */
export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** The answer that something was not done, in one sentence, with the fields it is about. */
export function problem<T>(
  code: ProblemCode,
  message: string,
  fields: Problem["fields"] = [],
): Result<T> {
  return { ok: false, problem: { code, message, fields } };
}
