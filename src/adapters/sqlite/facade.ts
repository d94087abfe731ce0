import type { Store } from "../../ports/store.ts";
import type { Call, PartName, Parts } from "./calls.ts";

/** Every method by name; the compiler sees to it that none is forgotten. */
const METHODS: { readonly [Name in PartName]: Readonly<Record<keyof Parts[Name], true>> } = {
  intake: { insert: true, insertChain: true, get: true },
  tasks: { list: true, counts: true, change: true, purge: true },
  claims: { heads: true, nextDueAt: true, admit: true },
  dependencies: {
    ofTask: true,
    stuckBehind: true,
    blocked: true,
    replace: true,
    cancelAlong: true,
  },
  attempts: {
    renew: true,
    update: true,
    step: true,
    ofTask: true,
    running: true,
    say: true,
    takeMessages: true,
  },
  events: { append: true, after: true, lastSeq: true, cursor: true, moveCursor: true },
  projects: { add: true, change: true, get: true, list: true, remove: true },
  usage: { windows: true, observe: true, add: true, totals: true, history: true },
  effects: { intend: true, done: true, ofTask: true },
  schedules: {
    add: true,
    list: true,
    get: true,
    nextDueAt: true,
    slots: true,
    settle: true,
    pause: true,
    resume: true,
    remove: true,
    ofTasks: true,
    ended: true,
  },
  shared: {
    admission: true,
    setAdmission: true,
    daemons: true,
    putDaemon: true,
    facts: true,
    setting: true,
    setSetting: true,
    initSetting: true,
  },
  audit: { books: true },
  care: { backup: true, check: true, vacuum: true },
};

/** A store whose every method becomes one call. */
export function storeOver(
  run: (call: Call) => Promise<unknown>,
  rest: Pick<Store, "watch" | typeof Symbol.asyncDispose>,
): Store {
  return {
    tasks: { ...partOver(run, "intake"), ...partOver(run, "tasks"), ...partOver(run, "claims") },
    dependencies: partOver(run, "dependencies"),
    attempts: partOver(run, "attempts"),
    events: partOver(run, "events"),
    projects: partOver(run, "projects"),
    usage: partOver(run, "usage"),
    effects: partOver(run, "effects"),
    schedules: partOver(run, "schedules"),
    shared: partOver(run, "shared"),
    audit: partOver(run, "audit"),
    care: partOver(run, "care"),
    ...rest,
  };
}

function partOver<Name extends PartName>(
  run: (call: Call) => Promise<unknown>,
  part: Name,
): Parts[Name] {
  const methods = Object.keys(METHODS[part]).map((method) => [
    method,
    (...args: readonly unknown[]) => run({ part, method, args }),
  ]);
  return Object.fromEntries(methods) as Parts[Name];
}
