import type { Selectable } from "kysely";
import type { Effect, EffectStore } from "../../ports/store.ts";
import type { Calls } from "./calls.ts";
import type { Database } from "./database.ts";
import type { EffectTable } from "./schema.ts";

/** What is done outside: the intent before, the result after. */
export function effectCalls(database: Database): Calls<EffectStore> {
  return {
    intend: (effect) =>
      database.write(() => {
        const { key, taskId, attempt, kind, at } = effect;
        database
          .sql(
            `INSERT INTO effects (key, task_id, attempt, kind, intended_at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (key) DO NOTHING`,
          )
          .run(key, taskId, attempt, kind, at);
        return effectOf(database.sql("SELECT * FROM effects WHERE key = ?").get(key));
      }),
    done: (key, at, result) => {
      database.write(() => {
        const ended = database
          .sql(
            `UPDATE effects SET done_at = coalesce(done_at, ?), result = coalesce(result, ?)
             WHERE key = ?`,
          )
          .run(at, result, key);
        if (ended.changes === 0) throw new Error(`No effect was intended under the key ${key}.`);
      });
    },
    ofTask: (taskId) =>
      database
        .sql("SELECT * FROM effects WHERE task_id = ? ORDER BY intended_at, key")
        .all(taskId)
        .map(effectOf),
  };
}

function effectOf(row: unknown): Effect {
  const found = row as Selectable<EffectTable>;
  return {
    key: found.key,
    taskId: found.task_id,
    attempt: found.attempt,
    kind: found.kind,
    intendedAt: found.intended_at,
    doneAt: found.done_at,
    result: found.result,
  };
}
