import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";

function problemsOf(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
  flags: Readonly<Record<string, string>> = {},
): readonly string[] {
  const loaded = loadConfig({
    files: Object.entries(files).map(([path, text]) => ({ path, text })),
    env,
    flags,
    timeZone: "UTC",
  });
  return loaded.ok ? [] : loaded.problems;
}

const BAD_FILE = `quota:
  nigth: 3
  threshold_day: 20
claude_code:
  threshold_day: 20.0
  night_start_hour: 1
log: 7
attempts:
  timeout: 90
  parallel_max: two
  stall:
executors:
  commands:
    Foo: {command: [a]}
    bar: {command: []}
    baz: {comand: [x]}
    claude-code: {command: [x]}
  claude_code:
    allowed_tools:
      - Read
      - 7
    env: [A=b]
parallel_max: 4
`;

test("all problems of all sources come at once, each with its place", () => {
  const files = {
    "bad.yaml": BAD_FILE,
    "broken.yaml": "a:\n\tb: 1\nc: [\n",
    "twice.yaml": "log:\n  level: info\n  level: debug\n",
    "list.yaml": "- 1",
    "two.yaml": "log: {}\n---\nlog: {}\n",
  };
  const env = {
    SLEEPLESS__LOG__LEVL: "debug",
    SLEEPLESS__HOURS__TIME_ZONE: "Mars/Phobos",
    SLEEPLESS__ATTEMPTS: "5",
    SLEEPLESS____: "x",
    SLEEPLESS_HOME: "/home",
  };
  const flags = { "budgets.day": "-1usd", foo: "1" };
  const duration = "must be a duration from 1s to";
  const unit = "written with its unit, such as 90s or 2h30m, not";
  expect(problemsOf(files, env, flags)).toEqual([
    "broken.yaml:2: is indented with a tab; use spaces",
    "broken.yaml:4: is indented in a way that fits nothing above it",
    "twice.yaml:3: this key is written twice",
    "list.yaml:1: must be sections with settings, such as `attempts:`",
    "two.yaml:2: a second document begins here; a configuration is one",
    "bad.yaml:2: quota.nigth: no such setting (did you mean hours.night?)",
    "bad.yaml:3: quota.threshold_day: must be a share, such as 80% or 0.8, from 0 to 1, not 20",
    "bad.yaml:5: claude_code.threshold_day: no such setting (did you mean quota.threshold_day?)",
    "bad.yaml:6: claude_code.night_start_hour: no such setting (did you mean hours.night?)",
    "bad.yaml:7: log: must be a section with settings below it, not 7",
    `bad.yaml:9: attempts.timeout: ${duration} 7d, ${unit} 90`,
    'bad.yaml:10: attempts.parallel_max: must be a whole number from 1 to 64, not "two"',
    `bad.yaml:11: attempts.stall: ${duration} 1d, ${unit} empty`,
    "bad.yaml:14: executors.commands.Foo: must be named with lower-case letters, digits and -",
    "bad.yaml:15: executors.commands.bar.command: must be a list of a program and its arguments that is not empty, not an empty list",
    "bad.yaml:16: executors.commands.baz.command: must be a list of a program and its arguments that is not empty",
    "bad.yaml:16: executors.commands.baz.comand: no such setting",
    "bad.yaml:17: executors.commands.claude-code: cannot be named claude-code, which is always there",
    "bad.yaml:21: executors.claude_code.allowed_tools[1]: must be the name of a tool: one line of text, not 7",
    'bad.yaml:22: executors.claude_code.env[0]: must be the name of an environment variable, such as HTTPS_PROXY, without a value, not "A=b"',
    "bad.yaml:23: parallel_max: no such setting (did you mean attempts.parallel_max?)",
    "environment SLEEPLESS__ATTEMPTS: attempts: must be a section with settings below it, not 5",
    'environment SLEEPLESS__HOURS__TIME_ZONE: hours.time_zone: must be a time zone such as Europe/Berlin, or system, not "Mars/Phobos"',
    "environment SLEEPLESS__LOG__LEVL: log.levl: no such setting (did you mean log.level?)",
    "environment SLEEPLESS____: no such setting",
    'flag: budgets.day: must be a budget with its unit, such as 2usd, 300k tokens or 2usd, 300k tokens, not "-1usd"',
    "flag: foo: no such setting",
  ]);
});

test("a bad value is told even when a later source would hide it", () => {
  expect(problemsOf({ "a.yaml": "log: {level: loud}" }, { SLEEPLESS__LOG__LEVEL: "warn" })).toEqual(
    ['a.yaml:1: log.level: must be one of debug, info, warn, error, not "loud"'],
  );
});

describe("settings that contradict each other", () => {
  test("are told at the one that was set last", () => {
    const files = { "a.yaml": "attempts:\n  backoff_base: 2h\n  backoff_max: 90m\n" };
    const env = { SLEEPLESS__HOURS__KINDS_BY_NIGHT: "[]", SLEEPLESS__HOURS__KINDS_BY_DAY: "[]" };
    expect(problemsOf(files, env, { "executors.default": "codex" })).toEqual([
      "a.yaml:3: attempts.backoff_max: must not be shorter than attempts.backoff_base",
      "environment SLEEPLESS__HOURS__KINDS_BY_NIGHT: hours.kinds_by_night: must have a kind when hours.kinds_by_day has none",
      'flag: executors.default: must be one of claude-code, not "codex"',
    ]);
  });

  test("are told at the default when only the other was set", () => {
    expect(problemsOf({ "a.yaml": "attempts: {backoff_base: 2h}" })).toEqual([
      "default: attempts.backoff_max: must not be shorter than attempts.backoff_base",
    ]);
  });
});

const TOKENS = [
  "xoxb-1234567890-abcdefghij",
  "xapp-1-A0000000000-000000",
  "sk-ant-api03-abcdefghijklmnop",
  "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
  "github_pat_11ABCDEFG0abcdefghijkl",
  "AKIAIOSFODNN7EXAMPLE",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
  "-----BEGIN OPENSSH PRIVATE KEY-----",
];

describe.each(TOKENS)("a pasted token %s", (token) => {
  const refusal =
    "looks like a secret; put it into an environment variable and write `env:NAME`, or into a file and write `file:/path`";

  test("is refused wherever it stands, and never shown", () => {
    const files = {
      "a.yaml": `slack:\n  bot_token: "${token}"\nexecutors:\n  claude_code:\n    model: "${token}"\n    env: ["${token}"]\n`,
      "b.yaml": `"${token}": 1\nlog: {level: "${token}"}\n`,
    };
    const problems = problemsOf(
      files,
      { SLEEPLESS__LOG__LEVEL: token },
      { "hours.time_zone": token },
    );
    expect(problems.filter((problem) => problem.includes(token))).toEqual([]);
    expect(problems).toEqual(
      expect.arrayContaining([
        `a.yaml:2: slack.bot_token: ${refusal}`,
        `a.yaml:5: executors.claude_code.model: ${refusal}`,
        `a.yaml:6: executors.claude_code.env[0]: ${refusal}`,
        `b.yaml:2: log.level: ${refusal}`,
        `environment SLEEPLESS__LOG__LEVEL: log.level: ${refusal}`,
        `flag: hours.time_zone: ${refusal}`,
      ]),
    );
  });
});

test("nothing in a message can move the cursor of a terminal", () => {
  const problems = problemsOf({
    "a.yaml": '"\\e[31mx\\u202e": 1\nlog: {level: "\\e]0;x\\a\\x9b2J"}\n',
  });
  expect(problems).toHaveLength(2);
  for (const problem of problems) expect(problem).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test("a small file cannot stand for a huge one", () => {
  const lines = ["a: &a [1,1,1,1,1,1,1,1,1,1]"];
  for (const [name, of] of ["ba", "cb", "dc", "ed", "fe", "gf"].map((pair) => pair.split(""))) {
    lines.push(`${name}: &${name} [${Array.from({ length: 10 }, () => `*${of}`).join(",")}]`);
  }
  expect(problemsOf({ "a.yaml": lines.join("\n") })).toEqual([
    "a.yaml:1: has an alias (*) that stands for nothing or for too much",
  ]);
});

test("keys that mean something to the language mean nothing here", () => {
  expect(
    problemsOf({ "a.yaml": "__proto__: {log: 1}\nconstructor: 2\nlog: {toString: 1}\n" }),
  ).toEqual([
    "a.yaml:1: __proto__.log: no such setting",
    "a.yaml:2: constructor: no such setting",
    "a.yaml:3: log.toString: no such setting",
  ]);
});

test("no text makes the loader throw; a refusal always says something", () => {
  const word = constantFrom(
    "attempts",
    "timeout",
    "log",
    ":",
    "\n",
    "  ",
    "- ",
    "[",
    "{",
    "&a",
    "*a",
    "!x",
    "#",
    "'",
    '"',
    "1h",
    "null",
  );
  const text = oneof(
    string({ unit: "binary" }),
    array(word).map((words) => words.join("")),
  );
  assert(
    property(text, text, (file, value) => {
      const loaded = loadConfig({
        files: [{ path: "a.yaml", text: file }],
        env: { SLEEPLESS__ATTEMPTS__TIMEOUT: value },
        flags: { [value]: file },
        timeZone: "UTC",
      });
      expect(loaded.ok || loaded.problems.length > 0).toBe(true);
    }),
    { numRuns: 200 },
  );
});
