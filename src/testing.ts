/** Fakes and helpers for people who write executors, notifiers or stores. */
export {
  type FakeAgent,
  type FakeExecutor,
  type FakeWork,
  createFakeExecutor,
  fails,
  hangs,
  works,
} from "./testing/fake-executor.ts";
export { fakeLauncher, fakeMachine } from "./testing/fake-machine.ts";
export { fakeProving } from "./testing/fake-proving.ts";
export { type FakeWorkspaces, fakeWorkspaces } from "./testing/fake-workspaces.ts";
export { type ManualClock, manualClock } from "./testing/manual-clock.ts";
export { type MemoryArtifacts, memoryArtifacts } from "./testing/memory-artifacts.ts";
export { seededChance } from "./testing/seeded-chance.ts";
export { type SilentLog, silentLog } from "./testing/silent-log.ts";
