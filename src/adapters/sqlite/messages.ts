import { StoreUnavailable } from "../../ports/store.ts";
import type { Call } from "./calls.ts";

/** What the host asks of the database's thread. */
export type Request =
  | { readonly type: "call"; readonly id: number; readonly call: Call }
  | { readonly type: "watch"; readonly on: boolean }
  | { readonly type: "close" };

/** What the database's thread tells its host. */
export type Reply =
  | { readonly type: "ready" }
  /** It could not be opened; the thread ends. */
  | { readonly type: "failed"; readonly error: ErrorData }
  | { readonly type: "result"; readonly id: number; readonly value: unknown }
  | { readonly type: "error"; readonly id: number; readonly error: ErrorData }
  /** Something was written, by this or another process. */
  | { readonly type: "written" }
  | { readonly type: "warning"; readonly message: string };

/** An error as data: what crosses between threads is copied and loses its class. */
export interface ErrorData {
  readonly kind: StoreUnavailable["kind"] | null;
  readonly message: string;
  readonly stack: string;
}

/** Makes data of an error. */
export function dataOf(error: unknown): ErrorData {
  if (!(error instanceof Error)) return { kind: null, message: String(error), stack: "" };
  const kind = error instanceof StoreUnavailable ? error.kind : null;
  return { kind, message: error.message, stack: error.stack ?? "" };
}

/** Makes an error of data again; a bug keeps the stack of where it happened. */
export function errorOf({ kind, message, stack }: ErrorData): Error {
  if (kind !== null) return new StoreUnavailable(kind, message);
  const error = new Error(message);
  error.stack = stack;
  return error;
}
