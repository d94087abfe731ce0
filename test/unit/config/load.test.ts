import { NO_BUDGETS } from "../../../src/core/budget.ts";
import { ORDER_DEFAULT } from "../../../src/core/order.ts";
import { expect, test } from "vitest";
import { loadConfig, type LoadedConfig } from "../../../src/config/load.ts";
import { admissionRules, retryRules, type Settings } from "../../../src/config/settings.ts";

interface Sources {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
}

function load({ files = {}, env = {}, flags = {} }: Sources): LoadedConfig {
  return loadConfig({
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
    env,
    flags,
    timeZone: "Europe/Berlin",
  });
}

function settingsOf(sources: Sources): Settings {
  const loaded = load(sources);
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  return loaded.settings;
}

function originsOf(sources: Sources, prefix: string): Record<string, string> {
  const loaded = load(sources);
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  const values = loaded.values.filter(({ key }) => key.startsWith(prefix));
  return Object.fromEntries(values.map(({ key, origin }) => [key, origin]));
}

test("without any source every setting has its default", () => {
  expect(settingsOf({})).toEqual({
    attempts: {
      parallelMax: 2,
      attemptsMax: 3,
      timeoutMs: 7_200_000,
      stallMs: 900_000,
      graceMs: 30_000,
      avoidsConflicts: true,
      backoffBaseMs: 30_000,
      backoffMaxMs: 3_600_000,
    },
    git: {
      publish: "auto",
      branch: "feature/{project}-{id}-{slug}",
      message: "{title}\n\n{summary}",
      authorName: "sleepless[bot]",
      authorEmail: "sleepless-bot@localhost",
      signing: "none",
      signingKey: null,
    },
    forges: {},
    hours: {
      timeZone: "Europe/Berlin",
      nights: [{ days: [0, 1, 2, 3, 4, 5, 6], startMinute: 1320, endMinute: 420 }],
      kindsByDay: ["serious", "thought", "generated"],
      kindsByNight: ["serious", "thought", "generated"],
    },
    quota: {
      day: 0.2,
      night: 0.8,
      week: 0.97,
      windows: {},
      reserves: [],
      alerts: [0.8, 0.95],
      care: 3,
    },
    resources: {
      memoryFreeMinBytes: 1024 ** 3,
      diskFreeMinBytes: 2 * 1024 ** 3,
      loadMax: null,
      batteryMin: 0.3,
    },
    budgets: { attempt: null, task: null, project: null, night: null, day: null },
    queue: { max: 50_000, maxPerSource: 20_000, sources: {} },
    order: {
      kindDelayMs: { serious: 0, thought: 172_800_000, generated: 345_600_000 },
      priorityMs: 43_200_000,
      deadlineLeadMs: 259_200_000,
      turnMs: 10_800_000,
    },
    schedules: { pauseAfter: 3 },
    executors: {
      default: "claude-code",
      claudeCode: {
        model: null,
        path: null,
        env: [],
        allowedTools: [
          "Bash",
          "Edit",
          "Glob",
          "Grep",
          "NotebookEdit",
          "Read",
          "Task",
          "TodoWrite",
          "Write",
        ],
      },
      commands: {},
    },
    isolation: {
      level: "sandbox",
      image: null,
      engine: null,
      readable: [],
      writable: [],
      hosts: [],
      memoryBytes: 4 * 1024 ** 3,
      cpus: null,
      processes: 1024,
      fileBytes: 4 * 1024 ** 3,
      diskBytes: 20 * 1024 ** 3,
      files: 1_000_000,
    },
    registries: { npm: "auto", pip: "auto", cargo: "off", cacheBytesMax: 5 * 1024 ** 3 },
    projects: {},
    workspaces: { keepMs: 30 * 86_400_000 },
    results: { keepMs: 90 * 86_400_000 },
    trash: { keepMs: 30 * 86_400_000 },
    log: { level: "info", filesMax: 5, fileBytesMax: 10 * 1024 ** 2 },
  });
});

test("later sources win, value by value, and each value knows where it was set", () => {
  const sources: Sources = {
    files: {
      "/etc/sleepless/config.yaml": "attempts:\n  parallel_max: 4\n  grace: 1m\n  timeout: 1h\n",
      "home/config.yaml": "# mine\n\nattempts:\n  timeout: 2h30m\n  stall: 20m\n",
    },
    env: { SLEEPLESS__ATTEMPTS__STALL: "30m", SLEEPLESS__ATTEMPTS__GRACE: "2m", HOME: "/home/me" },
    flags: { "attempts.grace": "5s" },
  };
  expect(settingsOf(sources).attempts).toEqual({
    parallelMax: 4,
    attemptsMax: 3,
    timeoutMs: 9_000_000,
    stallMs: 1_800_000,
    graceMs: 5000,
    avoidsConflicts: true,
    backoffBaseMs: 30_000,
    backoffMaxMs: 3_600_000,
  });
  expect(originsOf(sources, "attempts.")).toEqual({
    "attempts.parallel_max": "/etc/sleepless/config.yaml:2",
    "attempts.attempts_max": "default",
    "attempts.timeout": "home/config.yaml:4",
    "attempts.stall": "environment SLEEPLESS__ATTEMPTS__STALL",
    "attempts.grace": "flag",
    "attempts.avoid_conflicts": "default",
    "attempts.backoff_base": "default",
    "attempts.backoff_max": "default",
  });
});

test("null takes back what a lower source set", () => {
  const files = { "a.yaml": "budgets: {day: 5usd}\nresources: {disk_free_min: 10GB}" };
  expect(settingsOf({ files }).budgets.day).toEqual({ usd: 5, tokens: null });
  const env = { SLEEPLESS__BUDGETS__DAY: "null" };
  const flags = { "resources.disk_free_min": "null" };
  expect(settingsOf({ files, env, flags }).budgets.day).toBeNull();
  expect(settingsOf({ files, env, flags }).resources.diskFreeMinBytes).toBeNull();
});

test("empty files, empty sections and empty variables set nothing", () => {
  const files = { "a.yaml": "", "b.yaml": "# only a comment\n", "c.yaml": "attempts:\nlog:\n" };
  expect(load({ files, env: { SLEEPLESS__LOG__LEVEL: " " } })).toEqual(load({}));
});

test("commands are merged by name, each is taken whole", () => {
  const files = {
    "a.yaml":
      "executors:\n  commands:\n    one: {command: [one], env: [TERM]}\n    two: {command: [two]}\n",
    "b.yaml": "executors:\n  default: three\n  commands:\n    one: {command: [/opt/one, --fast]}\n",
  };
  const flags = { "executors.commands.three": "{command: [three]}" };
  expect(settingsOf({ files, flags }).executors.commands).toEqual({
    one: { command: ["/opt/one", "--fast"], env: [] },
    two: { command: ["two"], env: [] },
    three: { command: ["three"], env: [] },
  });
  expect(originsOf({ files, flags }, "executors.commands")).toEqual({
    "executors.commands.one": "b.yaml:4",
    "executors.commands.two": "a.yaml:4",
    "executors.commands.three": "flag",
  });
});

test.each([
  [{ SLEEPLESS__EXECUTORS__CLAUDE_CODE__MODEL: "5" }, { model: "5" }],
  [{ SLEEPLESS__EXECUTORS__CLAUDE_CODE__MODEL: "true" }, { model: "true" }],
  [{ SLEEPLESS__EXECUTORS__CLAUDE_CODE__MODEL: "a: b" }, { model: "a: b" }],
  [{ SLEEPLESS__EXECUTORS__CLAUDE_CODE__MODEL: "@beta" }, { model: "@beta" }],
  [
    { SLEEPLESS__EXECUTORS__CLAUDE_CODE__ENV: "[HTTPS_PROXY, NO_PROXY]" },
    { env: ["HTTPS_PROXY", "NO_PROXY"] },
  ],
])("a variable is read by what its setting takes: %j", (env, expected) => {
  expect(settingsOf({ env }).executors.claudeCode).toMatchObject(expected);
});

test("a share may be a number or a percentage, a zone the machine's or any other", () => {
  const files = {
    "a.yaml":
      "quota: {threshold_day: 0.35, threshold_night: 92.5%, hold_back: off}\nhours: {time_zone: Asia/Kolkata}",
  };
  const settings = settingsOf({ files });
  expect([settings.quota, settings.hours.timeZone]).toEqual([
    {
      day: 0.35,
      night: 0.925,
      week: 0.97,
      windows: {},
      reserves: [],
      alerts: [0.8, 0.95],
      care: null,
    },
    "Asia/Kolkata",
  ]);
});

test("an anchor may be used, and lines are those of the place it is used in", () => {
  const files = { "a.yaml": "attempts:\n  timeout: &long 3h\n  stall: *long\n" };
  expect(settingsOf({ files }).attempts.stallMs).toBe(10_800_000);
  expect(originsOf({ files }, "attempts.stall")).toEqual({ "attempts.stall": "a.yaml:3" });
});

test("admission and retries are judged by the settings", () => {
  const files = {
    "a.yaml":
      "attempts: {parallel_max: 7, backoff_base: 1s}\nbudgets: {day: 2.5usd, task: 1usd}\norder: {turn: 2h}\nprojects: {web: {weight: 2.5}, api: {}}\nhours: {kinds_by_day: []}",
  };
  const settings = settingsOf({ files });
  expect([admissionRules(settings), retryRules(settings)]).toEqual([
    {
      parallelMax: 7,
      avoidsConflicts: true,
      executorDefault: "claude-code",
      hours: {
        timeZone: "Europe/Berlin",
        nights: [{ days: [0, 1, 2, 3, 4, 5, 6], startMinute: 1320, endMinute: 420 }],
        kindsByDay: [],
        kindsByNight: ["serious", "thought", "generated"],
      },
      quota: {
        day: 0.2,
        night: 0.8,
        week: 0.97,
        windows: {},
        reserves: [],
        alerts: [0.8, 0.95],
        care: 3,
      },
      memoryFreeMinBytes: 1024 ** 3,
      diskFreeMinBytes: 2 * 1024 ** 3,
      loadMax: null,
      batteryMin: 0.3,
      budgets: { ...NO_BUDGETS, day: { usd: 2.5, tokens: null } },
      order: { ...ORDER_DEFAULT, turnMs: 7_200_000, weights: { web: 2.5 } },
    },
    { backoffBaseMs: 1000, backoffMaxMs: 3_600_000 },
  ]);
});

test("a project has only what it changes, in the units of the settings", () => {
  const text = `projects:
  backend:
    timeout: 4h
    isolation: { level: process, memory: 8GiB, disk: null, hosts: [git.example.org] }
  site: { timeout: 1h, weight: 3 }
`;
  expect(settingsOf({ files: { "home/config.yaml": text } }).projects).toEqual({
    backend: {
      timeoutMs: 14_400_000,
      weight: null,
      publish: null,
      protected: {},
      folders: [],
      isolation: {
        level: "process",
        memoryBytes: 8 * 1024 ** 3,
        diskBytes: null,
        hosts: [{ host: "git.example.org", port: 443 }],
      },
    },
    site: {
      timeoutMs: 3_600_000,
      weight: 3,
      publish: null,
      protected: {},
      folders: [],
      isolation: {},
    },
  });
});

test("folders of a project are names below the top of its repository", () => {
  const files = (list: string) => ({ "c.yaml": `projects: { backend: { folders: ${list} } }` });
  const settings = settingsOf({ files: files("[services/api/, ./libs]") });
  expect(settings.projects["backend"]?.folders).toEqual(["services/api", "libs"]);
  for (const wrong of ["[]", "services", "[/abs]", "[../up]", "['*']", "[5]", "[.git]"]) {
    const loaded = load({ files: files(wrong) });
    expect(loaded.ok || loaded.problems.join()).toMatch(/projects\.backend\.folders.*must be a /u);
  }
});

test("a registry is asked for, left out, or named by its address without a password", () => {
  const files = (npm: string) => ({ "c.yaml": `registries: { npm: ${npm}, cache: 1GiB }` });
  const named = settingsOf({ files: files("https://packages.example.org/npm/") }).registries;
  expect({ ...named, npm: String(named.npm) }).toEqual({
    npm: "https://packages.example.org/npm/",
    pip: "auto",
    cargo: "off",
    cacheBytesMax: 1024 ** 3,
  });
  expect(settingsOf({ files: files("off") }).registries.npm).toBe("off");
  for (const wrong of ["yes", "ftp://a.example.org/", "https://me:hush@a.example.org/", "5"]) {
    const loaded = load({ files: files(wrong) });
    expect(loaded.ok || loaded.problems.join()).toMatch(/registries\.npm.*must be auto, off or/u);
    expect(JSON.stringify(loaded)).not.toContain("hush");
  }
});

test("only GitHub knows apps", () => {
  const forge = (kind: string): string =>
    `forges: { git.example.org: { kind: ${kind}, app: { id: 7, key: /k.pem } } }`;
  const loaded = load({ files: { "c.yaml": forge("gitlab") } });
  expect(loaded.ok || loaded.problems.join()).toMatch(
    /app.*is for `kind: github` only; use `token`/u,
  );
  expect(load({ files: { "c.yaml": forge("github") } }).ok).toBe(true);
});

test("nights, kinds, thresholds of windows and reserves are read as people write them", () => {
  const text = `hours:
  time_zone: Europe/Berlin
  night: [mon-thu 22:00-07:00, "fri 20:00 - 09:00", "Sat,Sun 13:00-24:00", sun-tue 00:00-01:00]
  kinds_by_day: [serious]
quota:
  threshold_week: 90%
  hold_back: typical
  alerts: [50%]
  windows: { seven_day: { day: 50% }, claude/five_hour: { day: 0.1, night: 90% } }
  reserve: 30% by mon-fri 08:00
`;
  const { hours, quota } = settingsOf({ files: { "c.yaml": text } });
  expect(hours.nights).toEqual([
    { days: [0, 1, 2, 3], startMinute: 1320, endMinute: 420 },
    { days: [4], startMinute: 1200, endMinute: 540 },
    { days: [5, 6], startMinute: 780, endMinute: 1440 },
    { days: [0, 1, 6], startMinute: 0, endMinute: 60 },
  ]);
  expect(hours.kindsByDay).toEqual(["serious"]);
  expect(quota).toEqual({
    day: 0.2,
    night: 0.8,
    week: 0.9,
    care: 1.3,
    alerts: [0.5],
    windows: { seven_day: { day: 0.5 }, "claude/five_hour": { day: 0.1, night: 0.9 } },
    reserves: [{ share: 0.3, days: [0, 1, 2, 3, 4], minute: 480 }],
  });
});

test.each([
  ["hours: { night: 22-7 }", /hours\.night\[0\].*must be a stretch of hours/u],
  ["hours: { night: 22:00-22:00 }", /hours\.night\[0\].*must be a stretch of hours/u],
  ["hours: { night: [25:00-07:00] }", /hours\.night\[0\].*must be a stretch of hours/u],
  ["hours: { night: [mo-fr 22:00-07:00] }", /hours\.night\[0\].*must be a stretch of hours/u],
  ["hours: { night: [mon-tue-wed 22:00-07:00] }", /hours\.night\[0\].*must be a stretch/u],
  ["hours: { night: 5 }", /hours\.night.*must be a list of stretches of hours/u],
  ["hours: { kinds_by_day: [all] }", /hours\.kinds_by_day\[0\].*must be one of serious/u],
  ["hours: { kinds_by_day: [], kinds_by_night: [] }", /kinds_by_night.*must have a kind/u],
  ["quota: { reserve: 130% by 08:00 }", /quota\.reserve\[0\].*must be a share and a time/u],
  ["quota: { reserve: [30% by noon] }", /quota\.reserve\[0\].*must be a share and a time/u],
  ["quota: { windows: { a/b/c: { day: 5% } } }", /must be the name of a window/u],
  ["quota: { windows: { x: { day: 500% } } }", /quota\.windows\.x\.day.*must be a share/u],
])("what means nothing is refused: %s", (text, problem) => {
  const loaded = load({ files: { "c.yaml": text } });
  expect(loaded.ok || loaded.problems.join()).toMatch(problem);
});
