/** Those who want to hear that something may have been written; calls in one turn are merged. */
export interface Listeners {
  readonly add: (hint: () => void) => Disposable;
  readonly notify: () => void;
}

/** `onFirst` runs when the first listener comes, `onLast` when the last one has gone. */
export function makeListeners(onFirst: () => void, onLast: () => void): Listeners {
  const hints = new Set<{ readonly hint: () => void }>();
  let pending: NodeJS.Immediate | null = null;

  function tell(): void {
    pending = null;
    for (const { hint } of hints) hint();
  }

  return {
    add: (hint) => {
      const entry = { hint };
      if (hints.size === 0) onFirst();
      hints.add(entry);
      return {
        [Symbol.dispose]: () => {
          if (!hints.delete(entry) || hints.size > 0) return;
          if (pending !== null) clearImmediate(pending);
          pending = null;
          onLast();
        },
      };
    },
    notify: () => {
      if (hints.size > 0) pending ??= setImmediate(tell);
    },
  };
}
