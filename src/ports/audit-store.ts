import type { Books } from "../core/books.ts";

/** Reads the books for an audit. */
export interface AuditStore {
  /** Everything that was promised and what came of it, at one moment. */
  readonly books: () => Promise<Books>;
}
