import { type HomeLayout, homeLayout } from "../adapters/files/home-layout.ts";
import { openSqliteStore } from "../adapters/sqlite/open.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { type Tasks, openTasks } from "../engine/tasks.ts";
import { type Store, StoreUnavailable } from "../ports/store.ts";

/** Attempts of a task that asks for no number, when no daemon has said otherwise. */
const ATTEMPTS_MAX_DEFAULT = 3;
/** Where a starting daemon notes its `attempts.attempts_max`, for those who queue without it. */
export const ATTEMPTS_MAX_SETTING = "attempts.attempts_max";

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

/** The door to write over an open database. */
export async function openTasksDoor(store: Store): Promise<Tasks> {
  const attemptsMaxDefault = await attemptsMaxNoted(store);
  return openTasks({ store, clock: systemClock(), attemptsMaxDefault });
}

/** How many attempts a task has that asks for no number. */
export async function attemptsMaxNoted(store: Store): Promise<number> {
  const noted = Number(await store.shared.setting(ATTEMPTS_MAX_SETTING));
  return noted >= 1 ? noted : ATTEMPTS_MAX_DEFAULT;
}
