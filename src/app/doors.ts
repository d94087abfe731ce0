import { type HomeLayout, homeLayout } from "../adapters/files/home-layout.ts";
import { openSqliteStore } from "../adapters/sqlite/open.ts";
import { systemClock } from "../adapters/system/clock.ts";
import type { Settings } from "../config/settings.ts";
import { parseBudget, writtenBudget } from "../core/budget-text.ts";
import { type Tasks, openTasks } from "../engine/tasks.ts";
import { type Store, StoreUnavailable } from "../ports/store.ts";

/** Attempts of a task that asks for no number, when no daemon has said otherwise. */
const ATTEMPTS_MAX_DEFAULT = 3;
/** Where a starting daemon notes its `attempts.attempts_max`, for those who queue without it. */
const ATTEMPTS_MAX_SETTING = "attempts.attempts_max";

/** Where it notes its `budgets.task`, as written; empty for none. */
const TASK_BUDGET_SETTING = "budgets.task";

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
  { attempts, budgets }: Settings,
): Promise<void> {
  await shared.setSetting(ATTEMPTS_MAX_SETTING, String(attempts.attemptsMax));
  const budget = budgets.task === null ? "" : writtenBudget(budgets.task);
  await shared.setSetting(TASK_BUDGET_SETTING, budget);
}

/** The door to write over an open database. */
export async function openTasksDoor(store: Store): Promise<Tasks> {
  const noted = Number(await store.shared.setting(ATTEMPTS_MAX_SETTING));
  const attemptsMaxDefault = noted >= 1 ? noted : ATTEMPTS_MAX_DEFAULT;
  const budget = parseBudget((await store.shared.setting(TASK_BUDGET_SETTING)) ?? "");
  const budgetDefault = budget.ok ? budget.value : null;
  return openTasks({ store, clock: systemClock(), attemptsMaxDefault, budgetDefault });
}
