import type { Person } from "./person.ts";
import type { Stage } from "./stage.ts";

/** Within which everything that is left must have come to its end. */
const MORNING_MAX_MS = 60 * 86_400_000;
const STEP_MAX_MS = 3_600_000;
const FROM = "ada";

/**
 * The faults end, and a person decides what is theirs to decide: then everything that was promised
 * must come to its end by itself.
 */
export async function endNight(
  stage: Stage,
  person: Person,
  step: (maxMs: number) => Promise<void>,
): Promise<void> {
  const { store, time } = stage;
  stage.relent();
  for (const place of stage.daemons) {
    place.spare();
    place.start();
  }
  await stage.quiet();
  await person.tasks.setAdmission("open", FROM);
  for (const { schedule } of await person.schedules.list()) {
    await person.schedules.remove(schedule.name, FROM);
  }
  const until = time.elapsedMs() + MORNING_MAX_MS;
  while (time.elapsedMs() < until) {
    await decide(stage, person);
    await step(STEP_MAX_MS);
    if (await isOver(stage)) return;
  }
  const left = await store.tasks.list(
    { states: ["queued", "running"] },
    { before: null, limit: 9 },
  );
  for (const { id, state } of left) stage.tell(`task ${id} starved: it is ${state} after 60 days`);
}

async function decide({ store, clock }: Stage, { tasks }: Person): Promise<void> {
  const page = { before: null, limit: 1000 };
  for (const { id } of await store.tasks.list({ states: ["waiting"] }, page)) {
    await tasks.answer(id, FROM, "Go on.");
  }
  for (const { waiting } of await store.dependencies.blocked(1000)) {
    for (const id of waiting) await tasks.cancelAlong(id, FROM);
  }
  for (const { dependsOn, unmetDependencies } of await store.tasks.list(
    { states: ["queued"] },
    page,
  )) {
    if (unmetDependencies === 0) continue;
    for (const { taskId, condition } of dependsOn) {
      if (condition !== "landed") continue;
      const commit = "1".repeat(40);
      const settle = {
        type: "settle",
        at: clock.now(),
        by: FROM,
        decision: "landed",
        commit,
      } as const;
      await store.tasks.change(taskId, { ...settle, note: null });
    }
  }
}

async function isOver({ store }: Stage): Promise<boolean> {
  const { queued, running, waiting } = await store.tasks.counts();
  if (queued + running + waiting > 0) return false;
  return (await store.events.cursor("night")) >= (await store.events.lastSeq());
}
