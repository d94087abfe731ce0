import { noForecast } from "../../../src/core/forecast/forecast.ts";
import { openRules, quotaOf } from "../../../src/testing/admission-rules.ts";
import { expect } from "vitest";
import { openCron } from "../../../src/adapters/cron/cron.ts";
import { openMemoryStore } from "../../../src/adapters/memory/open.ts";
import type { AdmissionRules, LocalFacts } from "../../../src/core/hold.ts";
import type { Outcome } from "../../../src/core/outcome.ts";
import { type Result, ok, problem } from "../../../src/core/problem.ts";
import type { Attempt } from "../../../src/core/attempt.ts";
import { openTemplatesDoor } from "../../../src/app/templates.ts";
import { openLandings } from "../../../src/engine/landing/landings.ts";
import { openSchedules } from "../../../src/engine/schedules.ts";
import { openQueries } from "../../../src/engine/queries.ts";
import { openTasks } from "../../../src/engine/tasks.ts";
import { openRestoring } from "../../../src/engine/restoring.ts";
import type { Workspaces } from "../../../src/ports/workspaces.ts";
import { fakeWorkspaces } from "../../../src/testing/fake-workspaces.ts";
import type { AttemptPatch, Store } from "../../../src/ports/store.ts";
import type {
  CliContext,
  DaemonStart,
  DaemonStop,
  Finding,
  FilePart,
  Setting,
  SettingsRead,
} from "../../../src/surfaces/cli/context.ts";
import { runCli } from "../../../src/surfaces/cli/main.ts";
import { type FakeMachine, fakeMachine } from "../../../src/testing/fake-machine.ts";
import { fakeProving } from "../../../src/testing/fake-proving.ts";
import { fakePublishing } from "../../../src/testing/fake-publishing.ts";
import { type ManualClock, manualClock } from "../../../src/testing/manual-clock.ts";
import { memoryArtifacts } from "../../../src/testing/memory-artifacts.ts";
import { seededChance } from "../../../src/testing/seeded-chance.ts";
import { silentLog } from "../../../src/testing/silent-log.ts";

export const RULES: AdmissionRules = openRules({ parallelMax: 2, quota: quotaOf(0.2, 0.8) });

const LOCAL: LocalFacts = {
  executors: { "claude-code": { ready: true, provider: "claude" } },
  memoryFreeBytes: null,
  diskFreeBytes: null,
};

/** What one call left behind. */
export interface Told {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** What a test may say of the world around the command line. */
export interface World {
  /** False: the home does not exist until something is begun. */
  exists: boolean;
  env: Record<string, string>;
  outIsTerminal: boolean;
  /** Folder of the person's own templates. */
  templates: string;
  /** There is a person at the terminal who gives these answers, in order. */
  answers: string[] | null;
  keys: ((key: string) => void) | null;
  files: Record<string, Uint8Array | string>;
  inputs: Record<string, Uint8Array | string>;
  folders: Set<string>;
  settings: SettingsRead;
  findings: readonly Finding[];
  daemonStart: DaemonStart;
  daemonStop: DaemonStop;
  interrupt: AbortController;
  workspaces: Workspaces;
  /** Thrown instead of opening the home. */
  broken: Error | null;
  /** Everything that was written, live, for tests of commands that go on. */
  out: string;
  err: string;
}

/** The command line over a fresh store, on a clock that stands still. */
export interface Bench extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly machine: FakeMachine;
  readonly world: World;
  /** Calls `sle` with these words. */
  readonly sle: (...words: string[]) => Promise<Told>;
  /** Like `sle`, as one text: standard output, then errors behind `! `, then the exit code if not 0. */
  readonly told: (...words: string[]) => Promise<string>;
  /** Calls `sle` as a person would, and keeps the call with all it said for the transcript. */
  readonly type: (...words: string[]) => Promise<void>;
  /** Compares everything typed so far with `transcripts/<name>.txt`. */
  readonly matches: (name: string) => Promise<void>;
  /** Lets a queued task start, as a daemon would. */
  readonly start: (id: number, patch?: AttemptPatch) => Promise<Attempt>;
  /** Ends the running attempt of a task. */
  readonly end: (id: number, outcome: Outcome) => Promise<void>;
  /** Registers a daemon that gives its sign of life now. */
  readonly daemon: () => Promise<void>;
}

/** A fresh bench. */
export async function setup(): Promise<Bench> {
  const clock = manualClock();
  const store = openMemoryStore();
  const machine = fakeMachine();
  const world = freshWorld();
  const tasks = openTasks({ store, clock, attemptsMaxDefault: 3 });
  const queries = openQueries({ store, clock, machine });
  const landings = openLandings({
    store,
    clock,
    chance: seededChance(),
    log: silentLog(),
    workspaces: fakeWorkspaces(),
    proving: fakeProving(() => ({})),
    publishing: fakePublishing(),
    artifacts: memoryArtifacts(),
    limits: {
      timeoutMs: 1000,
      projectTimeoutMs: () => null,
      stallMs: 1000,
      retryRules: { backoffBaseMs: 1000, backoffMaxMs: 1000 },
    },
  });
  const sle = async (...words: string[]): Promise<Told> => {
    world.out = "";
    world.err = "";
    const exit = await runCli(words, (globals) => makeContext(globals.home));
    return { exit, out: world.out, err: world.err };
  };
  const makeContext = (home: string | null): CliContext => ({
    version: "1.2.3",
    landings: () => Promise.resolve(ok(landings)),
    templates: async () => openTemplatesDoor({ templates: world.templates }),
    home: home ?? "/home/ada/.sleepless",
    env: world.env,
    stdout: {
      write: (text) => void (world.out += text),
      isTTY: world.outIsTerminal,
      size: () => ({ columns: 80, rows: 24 }),
    },
    stderr: {
      write: (text) => void (world.err += text),
      isTTY: world.answers !== null,
      size: () => ({ columns: 80, rows: 24 }),
    },
    stdin: {
      isTTY: world.answers !== null,
      keys: (onKey) => {
        world.keys = onKey;
        return { [Symbol.dispose]: () => void (world.keys = null) };
      },
    },
    clock,
    timeZone: () => "Europe/Berlin",
    by: "ada",
    resolvePath: (path) => (path.startsWith("/") ? path : `/work/${path}`),
    isFolder: async (path) => world.folders.has(path),
    interrupted: world.interrupt.signal,
    begin: async () => {
      world.exists = true;
      return tasks;
    },
    open: async () => {
      if (world.broken !== null) throw world.broken;
      return world.exists ? { tasks, queries, care: store.care } : null;
    },
    daemonLives: async () => (await queries.daemons()).some((each) => each.status === "running"),
    daemon: async () => ({
      logPath: "/home/ada/.sleepless/data/logs/daemon.log",
      run: async () => 0,
      start: async () => world.daemonStart,
      stop: async () => world.daemonStop,
    }),
    schedules: async () => openSchedules({ store, clock, cron: openCron(), attemptsMaxDefault: 3 }),
    settings: async () => ({
      path: "/home/ada/.sleepless/config.yaml",
      read: async () => world.settings,
      set: async (key, value) => setSetting(world, key, value),
    }),
    doctor: async () => world.findings,
    setup: async () => ({
      findLogins: async () => world.findings.filter((finding) => finding.area === "login"),
      make: async (path, { force }) => {
        const configWritten = !world.exists || force;
        world.exists = true;
        return ok({ configPath: `${path}/config.yaml`, configWritten });
      },
    }),
    restoring: async () => {
      if (!world.exists) return null;
      const workspaces = world.workspaces;
      return ok(openRestoring({ store, clock, workspaces }));
    },
    readResult: async (folder, name, { offset, length }) =>
      partOf(world.files[`${folder}/${name}`], offset, length),
    readInput: async (path, maxBytes) => inputOf(world.inputs[path], path, maxBytes),
    prompt: async () => ({ ask: async () => world.answers?.shift() ?? null }),
    [Symbol.asyncDispose]: async () => {},
  });
  let transcript = "";
  return {
    clock,
    store,
    machine,
    world,
    sle,
    told: async (...words) => textOf(await sle(...words)),
    type: async (...words) => {
      const line = ["sle", ...words.map(quoted)].join(" ");
      transcript += `$ ${line}\n${textOf(await sle(...words))}\n`;
    },
    matches: (name) => expect(transcript).toMatchFileSnapshot(`transcripts/${name}.txt`),
    start: (id, patch = {}) => startTask(store, clock, id, patch),
    end: (id, outcome) => endTask(store, clock, id, outcome),
    daemon: () => registerDaemon(store, clock),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function freshWorld(): World {
  return {
    exists: true,
    env: {},
    outIsTerminal: false,
    templates: "/home/ada/.sleepless/templates",
    answers: null,
    keys: null,
    files: {},
    inputs: {},
    folders: new Set(["/work/backend"]),
    settings: { ok: true, values: [] },
    findings: [],
    daemonStart: { type: "started", pid: 4242 },
    daemonStop: { type: "stopped", pid: 4242 },
    interrupt: new AbortController(),
    workspaces: fakeWorkspaces(),
    broken: null,
    out: "",
    err: "",
  };
}

function textOf({ exit, out, err }: Told): string {
  const errors = err.replaceAll(/^(?=.)/gmu, "! ");
  return `${out}${errors}${exit === 0 ? "" : `[exit ${exit}]\n`}`;
}

/** A word as one types it to a shell; what a terminal would obey is shown by its number. */
function quoted(word: string): string {
  const visible = JSON.stringify(word).slice(1, -1).replaceAll('\\"', '"');
  const shown = visible.replace(
    /[^\u0020-\u007e]/gu,
    (each) => `\\u${each.charCodeAt(0).toString(16)}`,
  );
  return /^[\w./=,#:+-]+$/u.test(shown) ? shown : `'${shown}'`;
}

function setSetting(world: World, key: string, value: string): Result<Setting> {
  if (!world.settings.ok) return problem("invalid", "The settings are not sound.");
  const known = world.settings.values.find((each) => each.key === key);
  if (known === undefined) return problem("invalid", `${key}: no such setting`);
  return ok({ key, value, origin: "config.yaml:3" });
}

function partOf(
  file: Uint8Array | string | undefined,
  offset: number,
  length: number,
): FilePart | null {
  if (file === undefined) return null;
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  const from = offset < 0 ? Math.max(0, bytes.length + offset) : Math.min(offset, bytes.length);
  return { bytes: bytes.subarray(from, from + length), offset: from, size: bytes.length };
}

function inputOf(
  input: Uint8Array | string | undefined,
  path: string,
  maxBytes: number,
): Result<Uint8Array> {
  if (input === undefined) return problem("invalid", `There is no file ${path}.`);
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  if (bytes.length > maxBytes)
    return problem("invalid", `${path} is larger than ${maxBytes} bytes.`);
  return ok(bytes);
}

async function startTask(
  store: Store,
  clock: ManualClock,
  id: number,
  patch: AttemptPatch,
): Promise<Attempt> {
  const at = clock.now();
  const lease = { id: `lease-${id}-${at}`, owner: "night:1000", expiresAt: at + 60_000 };
  const admitted = await store.tasks.admit({
    taskId: id,
    at,
    lease,
    executor: "claude-code",
    rules: { ...RULES, parallelMax: 100 },
    local: LOCAL,
    forecast: noForecast("UTC"),
  });
  if (!admitted.ok) throw new Error(`not admitted: ${JSON.stringify(admitted)}`);
  const more = { startedAt: at, model: "opus", sessionId: `session-${id}`, ...patch };
  await store.attempts.update(id, lease.id, more);
  return admitted.attempt;
}

async function endTask(
  store: Store,
  clock: ManualClock,
  id: number,
  outcome: Outcome,
): Promise<void> {
  const task = await store.tasks.get(id);
  if (task === null || task.lease === null) throw new Error(`task ${id} does not run`);
  const changed = await store.tasks.change(id, {
    type: "conclude",
    at: clock.now(),
    leaseId: task.lease.id,
    outcome,
    verdict: outcome.type === "succeeded" ? "unverified" : null,
    sessionId: `session-${id}`,
    retryRules: { backoffBaseMs: 30_000, backoffMaxMs: 3_600_000 },
    chance: 0.5,
  });
  if (!changed.ok) throw new Error(`not concluded: ${JSON.stringify(changed)}`);
}

async function registerDaemon(store: Store, clock: ManualClock): Promise<void> {
  const before = (await store.shared.daemons()).find((each) => each.owner === "night:1000");
  await store.shared.putDaemon({
    owner: "night:1000",
    host: "night",
    process: { pid: 1000, startTicks: 1000, bootId: "boot" },
    version: "1.2.3",
    startedAt: before?.startedAt ?? clock.now(),
    seenAt: clock.now(),
    stoppedAt: null,
    local: LOCAL,
    rules: RULES,
  });
}
