import { openCron } from "../adapters/cron/cron.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { openSchedules, type Schedules } from "../engine/schedules.ts";
import type { Store } from "../ports/store.ts";
import { intakeNoted } from "./doors.ts";

/** The door to what comes again over an open database. */
export async function openSchedulesDoor(store: Store): Promise<Schedules> {
  const intake = await intakeNoted(store);
  return openSchedules({ store, clock: systemClock(), cron: openCron(), ...intake });
}
