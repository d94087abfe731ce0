/**
 * A background duty. `start` resolves when it works; `stop` resolves only when it has fully ended.
 * Stopping before starting, and stopping twice, are fine.
 */
export interface Service {
  readonly name: string;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Starts in order; when one cannot start, those already started are stopped and its error is thrown. */
export async function startAll(services: readonly Service[]): Promise<void> {
  const started: Service[] = [];
  for (const service of services) {
    try {
      await service.start();
      started.push(service);
    } catch (error) {
      await stopAll(started);
      throw error;
    }
  }
}

/** Stops in reverse order; every service is stopped even when one fails to. */
export async function stopAll(services: readonly Service[]): Promise<void> {
  const failures: unknown[] = [];
  for (const service of services.toReversed()) {
    await service.stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, "Some services did not stop");
}
