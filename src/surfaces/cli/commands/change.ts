import { type Result, ok } from "../../../core/problem.ts";
import type { Dependency } from "../../../core/dependency.ts";
import { type Instant, PRIORITIES, type Priority, type Task } from "../../../core/task.ts";
import type { Tasks } from "../../../engine/tasks.ts";
import { changeEach } from "../change-each.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { notFoundYet } from "../nothing-yet.ts";
import { readDependencies, readId, readTime, usage } from "../read-words.ts";

/** Queues ended or waiting tasks again, with a note for the agent if one is given. */
export const retry: RunCommand = (call) =>
  changeEach(call, {
    change: (tasks, id) =>
      tasks.retry(
        id,
        call.context.by,
        call.options.text("message") ?? undefined,
        call.options.text("budget") ?? undefined,
      ),
    told: (task) => `Task #${task.id} queued again`,
  });

/** Gives queued tasks high priority. */
export const prioritize: RunCommand = (call) =>
  changeEach(call, {
    change: (tasks, id) => tasks.edit(id, call.context.by, { priority: "high" }),
    told: (task) => `Task #${task.id} has high priority`,
  });

/** Changes the priority, the earliest start or what a queued task waits for. */
export const edit: RunCommand = async (call) => {
  const patch = await patchOf(call);
  if (!patch.ok) return call.output.refuse(patch.problem);
  return changeEach(call, {
    change: (tasks, id) => editTask(tasks, id, call.context.by, patch.value),
    told: (task) => `Task #${task.id} changed`,
  });
};

/** Answers the question of a waiting task, which then queues again. */
export const answer: RunCommand = (call) => {
  const [id = "", ...words] = call.words;
  const one = { ...call, words: [id] };
  return changeEach(one, {
    change: (tasks, each) => tasks.answer(each, call.context.by, words.join(" ")),
    told: (task) => `Task #${task.id} queued again with your answer`,
  });
};

/** Says something to a running task, or to the next attempt of a queued one. */
export const say: RunCommand = async (call) => {
  const { context, output } = call;
  const [word, ...words] = call.words;
  const id = readId(word);
  if (!id.ok) return output.refuse(id.problem);
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const said = await doors.tasks.say(id.value, context.by, words.join(" "));
  if (!said.ok) return output.refuse(said.problem);
  if (output.json) return output.answer(said.value, () => "");
  output.confirm(`Task #${id.value} is told`);
  return EXIT.ok;
};

interface Patch {
  readonly dependsOn: readonly Dependency[] | null;
  readonly rest: { readonly priority?: Priority; readonly notBefore?: Instant | null } | null;
}

/** What it waits for first: where that is refused nothing is changed. */
async function editTask(
  tasks: Tasks,
  id: number,
  by: string,
  { dependsOn, rest }: Patch,
): Promise<Result<Task>> {
  const replaced = dependsOn === null ? null : await tasks.depend(id, by, dependsOn);
  if (replaced !== null && (rest === null || !replaced.ok)) return replaced;
  return tasks.edit(id, by, rest ?? {});
}

async function patchOf({ context, options }: Call): Promise<Result<Patch>> {
  const level = options.text("priority");
  const at = options.text("at");
  const after = options.list("after");
  if (level === null && at === null && after.length === 0) {
    return usage("Say what to change: --priority, --at or --after.");
  }
  const priority = PRIORITIES.find((each) => each === level);
  if (level !== null && priority === undefined) {
    return usage(`There is no priority "${level}"; choose of ${PRIORITIES.join(", ")}.`);
  }
  const notBefore = at === null || at === "now" ? ok(null) : await readTime(context, "--at", at);
  if (!notBefore.ok) return notBefore;
  const isNone = after.length === 1 && after[0] === "none";
  const dependsOn = isNone ? ok([]) : readDependencies(after);
  if (!dependsOn.ok) return dependsOn;
  const rest = {
    ...(priority === undefined ? {} : { priority }),
    ...(at === null ? {} : { notBefore: notBefore.value }),
  };
  return ok({
    dependsOn: after.length === 0 ? null : dependsOn.value,
    rest: level === null && at === null ? null : rest,
  });
}
