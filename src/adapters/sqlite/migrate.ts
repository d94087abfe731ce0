import type { Database } from "./database.ts";
import { foreign, newer } from "./errors.ts";
import { untilFree } from "./retry.ts";

/** The version of the schema that this program writes; the number of migrations. */
export const SCHEMA_VERSION = 1;
/** Marks the file as ours: "Slp1" in its header. */
export const APPLICATION_ID = 0x536c7031;

/**
 * Makes a new file a database of ours or brings an older one up to date, in one transaction.
 * Refuses a foreign file and one that a newer program made unusable for this one; one that is newer
 * but still usable is only warned of. An up-to-date file costs two reads of its header.
 */
export async function migrate(database: Database, warn: (message: string) => void): Promise<void> {
  const version = headerNumber(database, "user_version");
  if (version === 0 && isEmpty(database)) return upgrade(database);
  if (headerNumber(database, "application_id") !== APPLICATION_ID) throw foreign(database.path);
  if (version < SCHEMA_VERSION) return upgrade(database);
  if (version > SCHEMA_VERSION) acceptNewer(database, version, warn);
}

async function upgrade(database: Database): Promise<void> {
  const { applyMigrations, MIGRATIONS } = await import("./migrations.ts");
  await untilFree(database.path, () => applyMigrations(database, MIGRATIONS));
}

function acceptNewer(database: Database, version: number, warn: (message: string) => void): void {
  const row = database
    .sql("SELECT value FROM bookkeeping WHERE name = 'readable_from'")
    .get() as unknown as { value: number } | undefined;
  if (row === undefined || row.value > SCHEMA_VERSION) {
    throw newer(database.path, version, SCHEMA_VERSION);
  }
  warn(
    `${database.path} was written by a newer Sleepless Agent; it can still be used, but update this one soon.`,
  );
}

/** The number kept in the file's header under this pragma. */
export function headerNumber(
  database: Database,
  name: "user_version" | "application_id" | "data_version",
): number {
  return Number(Object.values(database.sql(`PRAGMA ${name}`).get() ?? {})[0]);
}

function isEmpty(database: Database): boolean {
  return database.sql("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
}
