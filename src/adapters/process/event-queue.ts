/** Events from a producer that never waits to one reader that may be slow. */
export interface EventQueue<T> {
  readonly push: (event: T) => void;
  /** Like `push`, but left out while the reader is far behind. */
  readonly offer: (event: T) => void;
  readonly end: () => void;
  /** For one reader; ends after `end` once everything was read. */
  readonly events: AsyncIterable<T>;
}

/** So many unread events count as far behind. */
const FAR_BEHIND = 1000;

/** Makes an empty queue. */
export function createEventQueue<T>(): EventQueue<T> {
  const waiting: T[] = [];
  let ended = false;
  let wake = (): void => {};
  const push = (event: T): void => {
    if (ended) return;
    waiting.push(event);
    wake();
  };
  return {
    push,
    offer: (event) => {
      if (waiting.length < FAR_BEHIND) push(event);
    },
    end: () => {
      ended = true;
      wake();
    },
    events: {
      async *[Symbol.asyncIterator]() {
        for (;;) {
          const batch = waiting.splice(0);
          yield* batch;
          if (batch.length > 0) continue;
          if (ended) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
    },
  };
}
