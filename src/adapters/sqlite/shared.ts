import type { Selectable } from "kysely";
import type { AdmissionRules, LocalFacts } from "../../core/hold.ts";
import { admissionChangedEvent, DAEMON_KEPT_MS, daemonEvents } from "../../core/store-events.ts";
import type { DaemonRecord, SharedStore } from "../../ports/store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import { insertEvents } from "./events.ts";
import { readAdmission, readFacts } from "./facts.ts";
import type { DaemonTable } from "./schema.ts";

/** Small shared facts: the admission switch, who is alive, settings. */
export function sharedCalls(database: Database): Calls<SharedStore> {
  return {
    admission: () => readAdmission(database),
    setAdmission: (admission, at) => {
      database.write(() => {
        database
          .sql("INSERT OR REPLACE INTO admission (only, mode, until, by) VALUES (1, ?, ?, ?)")
          .run(admission.mode, admission.until, admission.by);
        insertEvents(database, [admissionChangedEvent(admission, at)]);
      });
    },
    daemons: () =>
      database.sql("SELECT * FROM daemons ORDER BY started_at, owner").all().map(daemonOf),
    putDaemon: (daemon) => {
      database.write(() => putDaemon(database, daemon));
    },
    facts: (since) => database.read(() => readFacts(database, since)),
    setting: (key) => {
      const row = database.sql("SELECT value FROM settings WHERE key = ?").get(key);
      return (row as { value: string } | undefined)?.value ?? null;
    },
    initSetting: (key, value) =>
      database.write(() => {
        database.sql("INSERT OR IGNORE INTO settings (key, value) VALUES (?, ?)").run(key, value);
        const row = database.sql("SELECT value FROM settings WHERE key = ?").get(key);
        return (row as { value: string }).value;
      }),
    setSetting: (key, value) => {
      database.write(() => {
        database.sql("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)").run(key, value);
      });
    },
  };
}

function putDaemon(database: Database, daemon: DaemonRecord): void {
  const row = database.sql("SELECT * FROM daemons WHERE owner = ?").get(daemon.owner);
  const { owner, host, process, version, startedAt, seenAt, stoppedAt, local, rules } = daemon;
  if (row === undefined) {
    database.sql("DELETE FROM daemons WHERE seen_at < ?").run(seenAt - DAEMON_KEPT_MS);
  }
  database
    .sql(
      `INSERT OR REPLACE INTO daemons (owner, host, pid, pid_start_ticks, pid_boot_id, version,
         started_at, seen_at, stopped_at, local, rules)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      owner,
      host,
      process.pid,
      process.startTicks,
      process.bootId,
      version,
      startedAt,
      seenAt,
      stoppedAt,
      JSON.stringify(local),
      JSON.stringify(rules),
    );
  insertEvents(database, daemonEvents(row === undefined ? null : daemonOf(row), daemon));
}

function daemonOf(row: unknown): DaemonRecord {
  const found = row as Selectable<DaemonTable>;
  return {
    owner: found.owner,
    host: found.host,
    process: {
      pid: found.pid,
      startTicks: found.pid_start_ticks,
      bootId: found.pid_boot_id,
    },
    version: found.version,
    startedAt: found.started_at,
    seenAt: found.seen_at,
    stoppedAt: found.stopped_at,
    local: JSON.parse(found.local) as LocalFacts,
    rules: JSON.parse(found.rules) as AdmissionRules,
  };
}
