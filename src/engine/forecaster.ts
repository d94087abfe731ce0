import { type Forecast, learn } from "../core/forecast/forecast.ts";
import { HISTORY_MS } from "../core/forecast/history.ts";
import type { AdmissionRules, LocalFacts } from "../core/hold.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../ports/store.ts";

/** What was learned counts for so long before the history is read again. */
const LEARN_EVERY_MS = 300_000;

/** What is known by one daemon of who counts the use of which executor. */
type Executors = LocalFacts["executors"];

/** Answers what was learned, and learns anew every few minutes. */
export function makeForecaster(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly rules: () => AdmissionRules;
}): (executors: Executors) => Promise<Forecast> {
  let learned: { readonly atMs: number; readonly forecast: Forecast } | null = null;
  return async (executors) => {
    const atMs = parts.clock.monotonicMs();
    if (learned === null || atMs - learned.atMs >= LEARN_EVERY_MS) {
      learned = {
        atMs,
        forecast: await readForecast({ ...parts, rules: parts.rules(), executors }),
      };
    }
    return learned.forecast;
  };
}

/** Learns from what the store holds now. */
export async function readForecast(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly rules: AdmissionRules;
  readonly executors: Executors;
}): Promise<Forecast> {
  const { store, clock, rules, executors } = parts;
  const history = await store.usage.history(clock.now() - HISTORY_MS);
  const providers = Object.entries(executors).map(
    ([name, said]) => [name, said.ready ? said.provider : null] as const,
  );
  return learn(history, rules.hours.timeZone, Object.fromEntries(providers));
}
