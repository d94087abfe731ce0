/** Time as the engine sees it; a manual one stands in for tests. */
export interface Clock {
  /** Wall clock, epoch milliseconds; may jump either way. */
  readonly now: () => number;
  /** Never goes backwards; only differences mean something. Milliseconds. */
  readonly monotonicMs: () => number;
  /** Resolves after `ms` of monotonic time, or at once when `signal` is aborted; never rejects. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}
