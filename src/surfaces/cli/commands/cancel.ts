import { type Result, ok } from "../../../core/problem.ts";
import type { Task } from "../../../core/task.ts";
import type { Tasks } from "../../../engine/tasks.ts";
import type { RunCommand } from "../command.ts";
import { changeEach } from "../change-each.ts";
import { counted } from "../render/numbers.ts";

/** Cancels tasks: queued ones at once, running ones as soon as their agent has ended. */
export const cancel: RunCommand = (call) => {
  const { context, options } = call;
  const reason = options.text("reason") ?? undefined;
  const withDependents = options.has("with-dependents");
  const along = new Map<number, number>();
  const cancelAlong = async (tasks: Tasks, id: number): Promise<Result<Task>> => {
    const cancelled = await tasks.cancelAlong(id, context.by, reason);
    if (!cancelled.ok) return cancelled;
    along.set(id, cancelled.value.along.length);
    return ok(cancelled.value.task);
  };
  return changeEach(call, {
    change: (tasks, id) =>
      withDependents ? cancelAlong(tasks, id) : tasks.cancel(id, context.by, reason),
    told: (task) => {
      const more = along.get(task.id) ?? 0;
      const others = more === 0 ? "" : `, with ${counted(more, "task")} that waited for it`;
      return task.state === "running"
        ? `Task #${task.id} is being cancelled${others}`
        : `Task #${task.id} moved to trash${others}`;
    },
  });
};
