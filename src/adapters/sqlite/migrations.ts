import { Kysely, type SqliteDatabase, SqliteDialect, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Database } from "./database.ts";
import { FIRST_SCHEMA } from "./first-schema.ts";
import { APPLICATION_ID, headerNumber } from "./migrate.ts";
import type { Schema } from "./schema.ts";

/** One step of the schema; its place in the list, from 1, is the version that it makes. */
export interface SchemaMigration {
  /** Sorts after the names before it. */
  readonly name: string;
  /** True when a program that does not know this step can no longer use the file. */
  readonly breaking: boolean;
  readonly statements: readonly string[];
}

/** Every step from an empty file to `SCHEMA_VERSION`; a step that was released never changes. */
export const MIGRATIONS: readonly SchemaMigration[] = [
  { name: "0001-first-schema", breaking: true, statements: FIRST_SCHEMA },
];

/**
 * Applies the steps that the file has not had, all or none, while no other process writes. This
 * module and the query library behind it are loaded only for a file that is not up to date.
 */
export async function applyMigrations(
  database: Database,
  migrations: readonly SchemaMigration[],
): Promise<void> {
  const { connection } = database;
  connection.exec("BEGIN IMMEDIATE");
  try {
    const had = headerNumber(database, "user_version");
    if (had < migrations.length) {
      await runMigrator(database, migrations);
      markVersion(database, migrations, had);
    }
    connection.exec("COMMIT");
  } catch (error) {
    if (connection.isTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

async function runMigrator(
  database: Database,
  migrations: readonly SchemaMigration[],
): Promise<void> {
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: driverOf(database) }) });
  const provided = migrations.map(({ name, statements }) => [name, migrationOf(statements)]);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(Object.fromEntries(provided)) },
    migrationTableName: "migrations",
    migrationLockTableName: "migrations_lock",
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

function migrationOf(statements: readonly string[]): Migration {
  return {
    up: async (db) => {
      for (const statement of statements) await sql.raw(statement).execute(db);
    },
  };
}

function markVersion(
  database: Database,
  migrations: readonly SchemaMigration[],
  had: number,
): void {
  const readableFrom = migrations.findLastIndex((migration) => migration.breaking) + 1;
  database.connection.exec(
    `PRAGMA application_id = ${APPLICATION_ID};
     PRAGMA user_version = ${migrations.length};
     UPDATE bookkeeping SET value = ${Math.max(1, readableFrom)}
     WHERE name = 'readable_from' AND ${readableFrom} > ${had}`,
  );
}

/** What the query library asks of a driver; the transaction around it is ours. */
function driverOf({ connection }: Database): SqliteDatabase {
  return {
    close: () => {},
    prepare: (text) => {
      const statement = connection.prepare(text);
      const values = (parameters: readonly unknown[]): never[] => [...parameters] as never[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run: (parameters) => statement.run(...values(parameters)),
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}
