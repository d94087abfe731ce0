import { oneOf } from "./one-of.ts";
import { SCHEDULE_SCHEMA } from "./schedule-schema.ts";

/** The statements that make the first version of the database, in order. */
export const FIRST_SCHEMA: readonly string[] = [
  `CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    state TEXT NOT NULL
      CHECK ${oneOf("state", "queued", "running", "waiting", "succeeded", "failed", "cancelled")},
    kind TEXT NOT NULL CHECK ${oneOf("kind", "serious", "thought", "generated")},
    priority TEXT NOT NULL CHECK ${oneOf("priority", "low", "normal", "high")},
    source TEXT NOT NULL,
    project TEXT,
    executor TEXT,
    model TEXT,
    timeout_ms INTEGER,
    isolation TEXT,
    night_only INTEGER NOT NULL DEFAULT 0,
    deadline_at INTEGER,
    budget_usd REAL,
    budget_tokens INTEGER,
    spent_usd REAL NOT NULL DEFAULT 0,
    spent_tokens INTEGER NOT NULL DEFAULT 0,
    attempts_max INTEGER NOT NULL,
    attempts_used INTEGER NOT NULL CHECK (attempts_used BETWEEN 0 AND attempts_max),
    attempt INTEGER NOT NULL CHECK (attempt >= 0),
    session_id TEXT,
    lease_id TEXT,
    lease_owner TEXT,
    lease_expires_at INTEGER,
    not_before INTEGER,
    unmet_dependencies INTEGER NOT NULL CHECK (unmet_dependencies >= 0),
    ready INTEGER NOT NULL
      CHECK (ready = 0 OR (ready = 1 AND state = 'queued' AND unmet_dependencies = 0)),
    lane TEXT NOT NULL,
    order_key INTEGER NOT NULL,
    cancel_requested_at INTEGER,
    failure TEXT,
    failure_message TEXT,
    question TEXT,
    landing TEXT,
    verdict TEXT CHECK ${oneOf("verdict", "verified", "refuted", "unverified")},
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    finished_at INTEGER,
    trashed_at INTEGER,
    last_event INTEGER,
    depends_on TEXT NOT NULL,
    touches TEXT NOT NULL DEFAULT '[]',
    notes TEXT NOT NULL,
    template TEXT,
    text TEXT NOT NULL,
    CHECK ((state = 'running') = (lease_id IS NOT NULL)),
    CHECK ((lease_id IS NULL) = (lease_owner IS NULL)),
    CHECK ((lease_id IS NULL) = (lease_expires_at IS NULL)),
    CHECK (${oneOf("state", "succeeded", "failed", "cancelled")} = (finished_at IS NOT NULL)),
    CHECK ((failure IS NULL) = (failure_message IS NULL))
  ) STRICT`,
  // The rowid ends every index, so each of these also orders by id. What a task is most of its life,
  // queued or succeeded, has no index of its own state: every index that a change touches is one
  // more page to write before the commit is durable.
  // The source stands in both of queued tasks, so that they are counted by it in the indexes alone.
  `CREATE INDEX tasks_in_lanes ON tasks (lane, order_key, id, source)
    WHERE state = 'queued' AND ready = 1`,
  `CREATE INDEX tasks_aside ON tasks (ready, unmet_dependencies, not_before, kind, source)
    WHERE state = 'queued' AND (ready = 0 OR not_before IS NOT NULL)`,
  `CREATE INDEX tasks_few ON tasks (state)
    WHERE (state = 'running' OR state = 'waiting' OR state = 'failed' OR state = 'cancelled')
      AND trashed_at IS NULL`,
  `CREATE INDEX tasks_finished ON tasks (finished_at) WHERE finished_at IS NOT NULL`,
  `CREATE INDEX tasks_trashed ON tasks (id, state, trashed_at) WHERE trashed_at IS NOT NULL`,
  `CREATE INDEX tasks_by_project ON tasks (project) WHERE project IS NOT NULL`,

  // What was met stays met; what is broken is kept so that it is found without looking at all.
  `CREATE TABLE dependencies (
    task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    depends_on INTEGER NOT NULL,
    condition TEXT NOT NULL
      CHECK ${oneOf("condition", "succeeded", "verified", "landed", "failed", "finished")},
    met_at INTEGER,
    broken_at INTEGER,
    PRIMARY KEY (task_id, depends_on),
    CHECK (depends_on <> task_id),
    CHECK (met_at IS NULL OR broken_at IS NULL)
  ) STRICT, WITHOUT ROWID`,
  `CREATE INDEX dependencies_unmet ON dependencies (depends_on, condition) WHERE met_at IS NULL`,
  `CREATE INDEX dependencies_broken ON dependencies (depends_on) WHERE broken_at IS NOT NULL`,

  `CREATE TABLE attempts (
    task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number >= 1),
    lease_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    executor TEXT NOT NULL,
    model TEXT,
    session_id TEXT,
    resumed INTEGER NOT NULL CHECK (resumed IN (0, 1)),
    workspace TEXT,
    pid INTEGER,
    pid_start_ticks INTEGER,
    pid_boot_id TEXT,
    admitted_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    outcome TEXT,
    verdict TEXT CHECK ${oneOf("verdict", "verified", "refuted", "unverified")},
    tokens_input INTEGER NOT NULL DEFAULT 0,
    tokens_output INTEGER NOT NULL DEFAULT 0,
    tokens_cache_read INTEGER NOT NULL DEFAULT 0,
    tokens_cache_write INTEGER NOT NULL DEFAULT 0,
    usd REAL NOT NULL DEFAULT 0,
    progress TEXT,
    results TEXT,
    PRIMARY KEY (task_id, number),
    CHECK ((pid IS NULL) = (pid_start_ticks IS NULL) AND (pid IS NULL) = (pid_boot_id IS NULL)),
    CHECK ((ended_at IS NULL) = (outcome IS NULL))
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE steps (
    id INTEGER PRIMARY KEY,
    task_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    name TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    ok INTEGER CHECK (ok IN (0, 1)),
    detail TEXT NOT NULL,
    UNIQUE (task_id, attempt, name),
    FOREIGN KEY (task_id, attempt) REFERENCES attempts (task_id, number) ON DELETE CASCADE
  ) STRICT`,
  `CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    by TEXT NOT NULL,
    text TEXT NOT NULL,
    read_by INTEGER
  ) STRICT`,
  `CREATE INDEX messages_by_task ON messages (task_id, read_by)`,

  // A task's events are a chain from its newest back to its first, which saves an index.
  `CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    task_id INTEGER,
    attempt INTEGER,
    previous INTEGER,
    data TEXT NOT NULL,
    CHECK (previous < seq)
  ) STRICT`,
  `CREATE TRIGGER events_stay_as_written BEFORE UPDATE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END`,
  `CREATE TRIGGER events_stay BEFORE DELETE ON events
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END`,
  `CREATE TABLE cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID`,

  `CREATE TABLE projects (
    name TEXT PRIMARY KEY,
    location TEXT NOT NULL,
    base TEXT,
    parallel_max INTEGER NOT NULL CHECK (parallel_max >= 1),
    budget_usd REAL,
    budget_tokens INTEGER,
    checks TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE quota_windows (
    provider TEXT NOT NULL,
    window TEXT NOT NULL,
    used REAL,
    resets_at INTEGER,
    status TEXT NOT NULL CHECK ${oneOf("status", "open", "closed")},
    source TEXT NOT NULL CHECK ${oneOf("source", "observed", "estimated")},
    observed_at INTEGER NOT NULL,
    told_used REAL,
    PRIMARY KEY (provider, window)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE usage_hours (
    provider TEXT NOT NULL,
    window TEXT NOT NULL,
    hour_at INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    used REAL NOT NULL,
    PRIMARY KEY (provider, window, hour_at)
  ) STRICT, WITHOUT ROWID`,
  // What was paid for stays counted when its task is purged, so nothing refers to tasks here.
  `CREATE TABLE usage_ledger (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    task_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    project TEXT,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    tokens_input INTEGER NOT NULL,
    tokens_output INTEGER NOT NULL,
    tokens_cache_read INTEGER NOT NULL,
    tokens_cache_write INTEGER NOT NULL,
    usd REAL NOT NULL
  ) STRICT`,
  `CREATE INDEX usage_ledger_by_time ON usage_ledger (at)`,
  // The ledger by whole hours since the epoch, so that a day's spending is a few rows; '' is no project.
  `CREATE TABLE spending (
    hour INTEGER NOT NULL,
    project TEXT NOT NULL,
    usd REAL NOT NULL,
    tokens INTEGER NOT NULL,
    tokens_cache_read INTEGER NOT NULL,
    PRIMARY KEY (hour, project)
  ) STRICT, WITHOUT ROWID`,
  `CREATE TABLE effects (
    key TEXT PRIMARY KEY,
    task_id INTEGER NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    attempt INTEGER NOT NULL,
    kind TEXT NOT NULL,
    intended_at INTEGER NOT NULL,
    done_at INTEGER,
    result TEXT,
    CHECK ((done_at IS NULL) = (result IS NULL))
  ) STRICT`,
  `CREATE INDEX effects_by_task ON effects (task_id)`,

  ...SCHEDULE_SCHEMA,

  `CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID`,
  `CREATE TABLE admission (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    mode TEXT NOT NULL CHECK ${oneOf("mode", "open", "paused", "draining")},
    until INTEGER,
    by TEXT NOT NULL
  ) STRICT`,
  `CREATE TABLE daemons (
    owner TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    pid_start_ticks INTEGER NOT NULL,
    pid_boot_id TEXT NOT NULL,
    version TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    stopped_at INTEGER,
    local TEXT NOT NULL,
    rules TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`,
  // Numbers of the store itself: the oldest version of the program's schema that may use the file
  // (readable_from), and the highest id of a purged task, so that no id is given twice.
  `CREATE TABLE bookkeeping (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
  `INSERT INTO bookkeeping (name, value) VALUES ('readable_from', 1), ('highest_purged_task', 0)`,
];
