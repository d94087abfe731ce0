/** Runs actions one after another for each key; actions of different keys run side by side. */
export type KeyedLock = <T>(key: string, action: () => Promise<T>) => Promise<T>;

/** A lock within this process. */
export function keyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return async (key, action) => {
    const before = tails.get(key) ?? Promise.resolve();
    const mine = before.then(action, action);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
}
