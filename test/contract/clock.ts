import { expect, test } from "vitest";
import type { Clock } from "../../src/ports/clock.ts";

/** A clock with a way to let time pass. */
export interface OpenedClock {
  readonly clock: Clock;
  readonly pass: (ms: number) => Promise<unknown>;
}

/** Every promise of the port for time, for any clock. */
export function clockContract(open: () => OpenedClock): void {
  test("a sleep lasts as long as asked by the monotonic time", async () => {
    const { clock, pass } = open();
    const beganMs = clock.monotonicMs();
    const slept = clock.sleep(20).then(() => clock.monotonicMs() - beganMs);
    await pass(25);
    expect(await slept).toBeGreaterThanOrEqual(20);
  });

  test("an abort ends a sleep at once, however long it is, and nothing rejects", async () => {
    const { clock } = open();
    const stop = new AbortController();
    const sleeps = [1000, 3e9, Number.POSITIVE_INFINITY].map((ms) => clock.sleep(ms, stop.signal));
    stop.abort(new Error("stop"));
    await Promise.all([...sleeps, clock.sleep(1000, stop.signal)]);
  });

  test("a sleep of nothing, of less or of no number ends at once", async () => {
    const { clock } = open();
    await Promise.all([clock.sleep(0), clock.sleep(-5), clock.sleep(Number.NaN)]);
  });
}
