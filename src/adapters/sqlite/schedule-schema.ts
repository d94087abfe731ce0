import { oneOf } from "./one-of.ts";

/** The statements that make the tables of schedules and of their slots. */
export const SCHEDULE_SCHEMA: readonly string[] = [
  // What is removed stays, because its slots stay.
  `CREATE TABLE schedules (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    name TEXT NOT NULL,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    catch_up TEXT NOT NULL CHECK ${oneOf("catch_up", "skip", "last", "all")},
    overlap TEXT NOT NULL CHECK ${oneOf("overlap", "skip", "queue")},
    task TEXT NOT NULL,
    deadline_in_ms INTEGER,
    created_at INTEGER NOT NULL,
    by TEXT NOT NULL,
    paused_at INTEGER,
    paused_by TEXT,
    paused_reason TEXT,
    judged_from INTEGER NOT NULL,
    removed_at INTEGER,
    CHECK ((paused_at IS NULL) = (paused_by IS NULL)),
    CHECK ((paused_at IS NULL) = (paused_reason IS NULL))
  ) STRICT`,
  `CREATE UNIQUE INDEX schedules_by_name ON schedules (name) WHERE removed_at IS NULL`,
  // The key is the promise: no slot twice, whoever writes it.
  `CREATE TABLE slots (
    schedule_id INTEGER NOT NULL REFERENCES schedules (id),
    due_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 1),
    written_at INTEGER NOT NULL,
    outcome TEXT CHECK (outcome IS NULL
      OR ${oneOf("outcome", "ran", "deferred", "skipped", "missed", "failed")}),
    settled_at INTEGER,
    task_id INTEGER,
    cause TEXT,
    PRIMARY KEY (schedule_id, due_at),
    CHECK ((count = 1) = (until_at = due_at) AND until_at >= due_at),
    CHECK ((outcome IS NULL) = (settled_at IS NULL)),
    CHECK ((task_id IS NOT NULL) = (outcome IS NOT NULL AND ${oneOf("outcome", "ran", "deferred")})),
    CHECK (cause IS NOT NULL OR outcome IS NULL OR outcome = 'ran')
  ) STRICT, WITHOUT ROWID`,
  `CREATE UNIQUE INDEX slots_open ON slots (schedule_id) WHERE outcome IS NULL`,
  `CREATE INDEX slots_due ON slots (due_at) WHERE outcome IS NULL`,
  `CREATE UNIQUE INDEX slots_by_task ON slots (task_id) WHERE task_id IS NOT NULL`,
  `CREATE INDEX slots_with_task ON slots (schedule_id, due_at, task_id) WHERE task_id IS NOT NULL`,
];
