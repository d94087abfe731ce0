import type { RunCommand } from "../command.ts";
import { changeEach } from "../change-each.ts";

/** Cancels tasks: queued ones at once, running ones as soon as their agent has ended. */
export const cancel: RunCommand = (call) => {
  const reason = call.options.text("reason") ?? undefined;
  return changeEach(call, {
    change: (tasks, id) => tasks.cancel(id, call.context.by, reason),
    told: (task) =>
      task.state === "running"
        ? `Task #${task.id} is being cancelled`
        : `Task #${task.id} moved to trash`,
  });
};
