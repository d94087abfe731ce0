import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { LINE_CHARACTERS_MAX } from "../../../src/adapters/log/clean-facts.ts";
import { type LogOptions, type OpenedLog, openLog } from "../../../src/adapters/log/open-log.ts";
import { type TerminalStyle, terminalStyle } from "../../../src/adapters/log/terminal.ts";

const AT = Date.UTC(2027, 0, 15, 22, 0, 1);
const TIME = new Date(AT).toTimeString().slice(0, 8);
const SECRET = "hunter2-hunter2";
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Bundle {
  readonly log: OpenedLog;
  readonly path: string;
  readonly records: () => unknown[];
  readonly shown: () => string;
}

function setup(style: TerminalStyle = "plain", level: LogOptions["level"] = "info"): Bundle {
  const folder = mkdtempSync(join(tmpdir(), "sle-log-"));
  folders.push(folder);
  const path = join(folder, "daemon.log");
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk, _, done) => {
      chunks.push(String(chunk));
      done();
    },
  });
  const log = openLog({
    level,
    redact: (text) => text.replaceAll(SECRET, "[redacted]"),
    file: { path, fileBytesMax: 1_000_000, filesMax: 2 },
    terminal: { stream, style },
    now: () => AT,
  });
  const records = (): unknown[] =>
    readFileSync(path, "utf8")
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  return { log, path, records, shown: () => chunks.join("") };
}

test("a line is JSON in the file and words on the terminal, with the facts of its log", () => {
  const { log, records, shown } = setup();
  log
    .with({ taskId: 12 })
    .with({ attempt: 1 })
    .info("Attempt started", { model: "a b", taskId: 13 });
  expect(records()).toEqual([
    {
      level: "info",
      time: "2027-01-15T22:00:01.000Z",
      taskId: 13,
      attempt: 1,
      model: "a b",
      message: "Attempt started",
    },
  ]);
  expect(shown()).toBe(`${TIME} info  Attempt started taskId=13 attempt=1 model="a b"\n`);
});

test("only lines of the level and above are written", () => {
  const { log, records } = setup("plain", "warn");
  log.debug("no");
  log.info("no");
  log.warn("yes");
  log.error("yes");
  expect(records()).toMatchObject([{ level: "warn" }, { level: "error" }]);
});

test("JSON goes to the terminal where it is collected, the very same lines", () => {
  const { log, path, shown } = setup("json");
  log.info("One", { taskId: 1 });
  log.error("Two");
  expect(shown()).toBe(readFileSync(path, "utf8"));
});

test("a known secret is hidden wherever it stands: message, keys, values, errors, bound facts", () => {
  const { log, path, shown } = setup();
  const error = new Error(`failed with ${SECRET}`, { cause: { deep: [SECRET] } });
  log
    .with({ bound: `a ${SECRET} b` })
    .error(`Said ${SECRET}`, { [`key ${SECRET}`]: 1, nested: { list: ["x", SECRET] }, error });
  const text = readFileSync(path, "utf8") + shown();
  expect(text).not.toContain(SECRET);
  expect(text.match(/\[redacted\]/gu)?.length).toBeGreaterThanOrEqual(14);
});

test("values under telling names are hidden whatever they look like; counts of tokens are not", () => {
  const { log, records } = setup();
  log.info("Request", {
    headers: { Authorization: "Basic abc", "set-cookie": ["a=1"], accept: "*/*" },
    apiKey: "a",
    ANTHROPIC_API_KEY: "b",
    bot_token: "c",
    password: 12_345,
    credentials: { user: "me" },
    tokens: { input: 5, output: 7 },
    tokenCount: 3,
    secretary: "Ann",
    token: null,
  });
  const hidden = "[redacted]";
  expect(records()).toMatchObject([
    {
      headers: { Authorization: hidden, "set-cookie": hidden, accept: "*/*" },
      apiKey: hidden,
      ANTHROPIC_API_KEY: hidden,
      bot_token: hidden,
      password: hidden,
      credentials: hidden,
      tokens: { input: 5, output: 7 },
      tokenCount: 3,
      secretary: "Ann",
      token: null,
    },
  ]);
});

test("no fact can break a line, whatever it is", () => {
  const { log, records } = setup();
  const circle: Record<string, unknown> = { name: "circle" };
  circle["self"] = circle;
  const throwing = {
    get trap(): string {
      throw new Error("sprung");
    },
  };
  log.info("Odd", {
    circle,
    throwing,
    big: 2n ** 70n,
    date: new Date(AT),
    never: new Date(Number.NaN),
    bytes: Buffer.from("abc"),
    call: () => 1,
    symbol: Symbol("s"),
    nan: Number.NaN,
    nothing: undefined,
    level: "loud",
    message: "other",
    deep: { a: { b: { c: { d: { e: { f: 1 } } } } } },
    half: "\ud800",
  });
  expect(records()).toEqual([
    {
      level: "info",
      time: "2027-01-15T22:00:01.000Z",
      circle: { name: "circle", self: "[circular]" },
      throwing: "[unreadable]",
      big: "1180591620717411303424",
      date: "2027-01-15T22:00:01.000Z",
      never: null,
      bytes: "[3 bytes]",
      call: "[function]",
      symbol: "[symbol]",
      nan: null,
      level_: "loud",
      message_: "other",
      deep: { a: { b: { c: { d: { e: "[cut]" } } } } },
      half: "\ufffd",
      message: "Odd",
    },
  ]);
});

test("a line has a bounded length, and no half of a secret stands at its cut", () => {
  const { log, path, records } = setup();
  const before = "x".repeat(LINE_CHARACTERS_MAX - 12);
  log.info("Long", {
    output: `${before}${SECRET}${"y".repeat(1e6)}`,
    more: "z",
    list: Array(500).fill(1),
  });
  expect(readFileSync(path, "utf8").length).toBeLessThan(LINE_CHARACTERS_MAX * 2);
  expect(JSON.stringify(records())).not.toContain("hunter2");
  expect(records()).toMatchObject([{ cut: "[cut]" }]);
  log.info("Many", { list: Array.from({ length: 500 }, () => 1) });
  expect(records()).toMatchObject([
    {},
    { list: [...Array.from({ length: 100 }, () => 1), "[cut]"] },
  ]);
});

test("text from outside cannot move the cursor, colour the screen or start a line", () => {
  const { log, shown } = setup();
  log.warn("Said \u001B[2J\n23:59 error Fake", {
    text: "\u009B31m\u202E\r",
    "\u0007key": "\u2028",
  });
  expect(shown()).toBe(
    `${TIME} warn  Said \\u001b[2J\\u000a23:59 error Fake text="\\u009b31m\\u202e\\r" \\u0007key="\\u2028"\n`,
  );
});

test("colour is for terminals only, and only when it is wanted", () => {
  const { log, shown } = setup("colour");
  log.error("Bad", { taskId: 1 });
  expect(shown()).toBe(
    `\u001B[2m${TIME}\u001B[0m \u001B[31merror\u001B[0m Bad \u001B[2mtaskId=1\u001B[0m\n`,
  );
  expect([
    terminalStyle(true, {}),
    terminalStyle(true, { NO_COLOR: "" }),
    terminalStyle(true, { NO_COLOR: "1" }),
    terminalStyle(true, { TERM: "dumb" }),
    terminalStyle(false, {}),
    terminalStyle(false, { JOURNAL_STREAM: "8:1" }),
  ]).toEqual(["colour", "colour", "plain", "plain", "plain", "json"]);
});

test("a slow reader costs lines on the terminal, never memory or lines in the file", () => {
  const { path } = setup();
  const stuck = new Writable({ write: () => undefined, highWaterMark: 1 });
  const log = openLog({
    level: "info",
    redact: (text) => text,
    file: { path, fileBytesMax: 1_000_000_000, filesMax: 1 },
    terminal: { stream: stuck, style: "plain" },
    now: () => AT,
  });
  const text = "x".repeat(1000);
  for (let line = 0; line < 3000; line += 1) log.info("Line", { text });
  expect(stuck.writableLength).toBeLessThan(1024 * 1024 + 2000);
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(3001);
});
