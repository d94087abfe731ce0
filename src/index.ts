/** Embedding: build a daemon's engine from settings, with any part of your own, and use its doors. */
export { type ComposeOptions, type Composed, composeDaemon } from "./app/compose.ts";
export { makeHome } from "./app/doors.ts";
export { type ReadSettings, readSettings } from "./app/settings.ts";
export type { Settings } from "./config/settings.ts";
export type { Attempt } from "./core/attempt.ts";
export type { Event } from "./core/event.ts";
export type { Hold } from "./core/hold.ts";
export type { Outcome } from "./core/outcome.ts";
export type { Problem, Result } from "./core/problem.ts";
export type { SubmissionInput } from "./core/submission.ts";
export type { Task } from "./core/task.ts";
export type { Engine, EngineParts } from "./engine/engine.ts";
export { type Queries, openQueries } from "./engine/queries.ts";
export { type Submitter, type Tasks, openTasks } from "./engine/tasks.ts";
export type { Executor, Run, RunEvent, RunOutcome, RunSpec } from "./ports/executor.ts";
export type { Notifier } from "./ports/notifier.ts";
export type { Store } from "./ports/store.ts";
