import { type HomeLayout, homeLayout } from "../adapters/files/home-layout.ts";
import { openSqliteStore } from "../adapters/sqlite/open.ts";
import { systemClock } from "../adapters/system/clock.ts";
import type { Settings } from "../config/settings.ts";
import type { OrderRules } from "../core/order.ts";
import { type Tasks, type TasksParts, openTasks } from "../engine/tasks.ts";
import { type Store, StoreUnavailable } from "../ports/store.ts";

/** Where a starting daemon notes what those must know who queue tasks without reading the settings. */
const INTAKE_SETTING = "intake";

/** What holds where no daemon has noted anything yet. */
const INTAKE_DEFAULT: Intake = { attemptsMaxDefault: 3, budgetDefault: null };

/** What a submission is judged by, of all settings. */
type Intake = Omit<TasksParts, "store" | "clock">;

/** Without an import, whose list of all exports costs every command some milliseconds. */
const { statSync } = process.getBuiltinModule("node:fs");

/** Opens the database of a home in this thread, making home and database when they are missing. */
export async function beginStore(path: string): Promise<Store> {
  const home = homeLayout(path);
  if (!isThere(home.database)) await makeHome(path);
  return openSqliteStore({ path: home.database, mode: "direct" });
}

/** The database of a home that exists; null when there is none yet. */
export async function existingStore(path: string): Promise<Store | null> {
  const { database } = homeLayout(path);
  return isThere(database) ? openSqliteStore({ path: database, mode: "direct" }) : null;
}

/** False only when it is certainly not there: what cannot be looked at may hold everything. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    const message = `${path} cannot be looked at (${code}): let this user enter its folder, or choose another home.`;
    throw new StoreUnavailable("unwritable", message, { cause: error });
  }
}

/** Makes the folders of a home; a home that cannot be used is said in one sentence. */
export async function makeHome(path: string): Promise<HomeLayout> {
  const { openHome } = await import("../adapters/files/open-home.ts");
  const opened = openHome(path);
  if (!opened.ok) throw new StoreUnavailable("unwritable", opened.problem.message);
  return opened.home;
}

/** Notes what those who queue tasks without reading the settings must know of them. */
export async function noteForDoors(
  { shared }: Store,
  settings: Settings,
  order: OrderRules,
): Promise<void> {
  const intake: Intake = {
    attemptsMaxDefault: settings.attempts.attemptsMax,
    budgetDefault: settings.budgets.task,
    queueLimits: settings.queue,
    order,
  };
  await shared.setSetting(INTAKE_SETTING, JSON.stringify(intake));
}

/** The door to write over an open database. */
export async function openTasksDoor(store: Store): Promise<Tasks> {
  return openTasks({ store, clock: systemClock(), ...(await intakeNoted(store)) });
}

/** What a submission is judged by, as the newest daemon noted it. */
export async function intakeNoted(store: Store): Promise<Intake> {
  const noted = await store.shared.setting(INTAKE_SETTING);
  return noted === null ? INTAKE_DEFAULT : (JSON.parse(noted) as Intake);
}
