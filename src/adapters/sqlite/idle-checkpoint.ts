import type { Database } from "./database.ts";

/** Quiet for so long, the write-ahead log is copied into the file. */
const IDLE_MS = 1000;

/** Moves the write-ahead log into the file in quiet moments, so that busy ones need not. */
export interface IdleCheckpoint {
  /** Something was written, by this or another connection. */
  readonly touch: () => void;
  readonly stop: () => void;
}

/** Never waits for readers or writers; what it cannot copy now it copies another time. */
export function makeIdleCheckpoint(database: Database): IdleCheckpoint {
  let timer: NodeJS.Timeout | null = null;

  function checkpoint(): void {
    timer = null;
    database.checkpoint();
  }

  return {
    touch: () => {
      if (timer === null) timer = setTimeout(checkpoint, IDLE_MS).unref();
      else timer.refresh();
    },
    stop: () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
    },
  };
}
