import type { Store } from "../../ports/store.ts";
import type { FileOptions } from "./engine.ts";

/** Which file, and in which thread. */
export interface SqliteOptions extends FileOptions {
  /**
   * `thread`: in a thread of its own, so that neither a slow disk nor another program's lock holds
   * up the event loop; for daemons. `direct`: in this thread, without a thread's start-up time; for
   * short-lived commands.
   */
  readonly mode: "thread" | "direct";
  /** Told of what a person should know but nothing fails for. */
  readonly warn?: (message: string) => void;
}

/** Opens the store in a SQLite file, which several processes may share; throws a `StoreUnavailable`. */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { mode, warn = () => {}, ...file } = options;
  switch (mode) {
    case "direct":
      return (await import("./direct.ts")).openDirect(file, warn);
    case "thread":
      return (await import("./thread.ts")).openThread(file, warn);
  }
}
