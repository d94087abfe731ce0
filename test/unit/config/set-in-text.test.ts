import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import { settingInfos } from "../../../src/config/catalog.ts";
import { commentedDefault } from "../../../src/config/commented-default.ts";
import { loadConfig } from "../../../src/config/load.ts";
import { setInText } from "../../../src/config/set-in-text.ts";

const TEXT = `# my night
attempts:   # odd layout
    parallel_max:   2     # two cores
    timeout: "2h"
log:

executors:
  claude_code: {model: null, env: [A,  B]}   # flow
  commands: {}
hours: # none yet
`;

function edited(text: string, key: string, value: unknown): string {
  const result = setInText(text, key, value);
  if (!result.ok) throw new Error(result.message);
  return result.text;
}

test.each([
  ["attempts.parallel_max", 4, "    parallel_max:   4     # two cores"],
  ["attempts.timeout", "90m", "    timeout: 90m"],
  ["executors.claude_code.model", "a, b", '  claude_code: {model: "a, b", env: [A,  B]}   # flow'],
  ["executors.claude_code.env", ["C"], "  claude_code: {model: null, env: [ C ]}   # flow"],
])("%s is replaced where it stands, nothing else changes", (key, value, line) => {
  const before = TEXT.split("\n");
  const after = edited(TEXT, key, value).split("\n");
  expect(after.filter((text, index) => text !== before[index])).toEqual([line]);
  expect(after).toHaveLength(before.length);
});

test.each([
  ["log.level", "debug", "log:\n  level: debug"],
  ["hours.time_zone", "UTC", "hours: # none yet\n  time_zone: UTC"],
  ["quota.threshold_day", "30%", "hours: # none yet\nquota:\n  threshold_day: 30%\n"],
  [
    "attempts.grace",
    "1m",
    "attempts:   # odd layout\n    grace: 1m\n    parallel_max:   2     # two cores",
  ],
  ["executors.commands.mine", { command: ["/bin/mine"], env: [] }, "  commands: {"],
  ["executors.claude_code.path", "/bin/claude", "path: /bin/claude"],
])("%s is added where it was missing and every comment stays", (key, value, lines) => {
  const text = edited(TEXT, key, value);
  expect(text).toContain(lines);
  for (const comment of ["# my night", "# odd layout", "# two cores", "# flow", "# none yet"]) {
    expect(text).toContain(comment);
  }
  const loaded = loadConfig({ files: [{ path: "a", text }], env: {}, flags: {}, timeZone: "UTC" });
  expect(loaded.ok && loaded.values.find((entry) => entry.key === key)?.value).toEqual(value);
});

test("an empty file becomes one with the setting", () => {
  expect(edited("", "attempts.timeout", "1h")).toBe("attempts:\n  timeout: 1h\n");
  expect(edited("# later", "log.level", "warn")).toBe("# later\nlog:\n  level: warn\n");
  expect(edited("log:", "log.level", "warn")).toBe("log:\n  level: warn\n");
});

test("what cannot be edited safely is left alone, with a reason", () => {
  const broken = "The file is not sound YAML; correct it first (sle config validate).";
  expect(setInText("a: [", "log.level", "warn")).toEqual({ ok: false, message: broken });
  expect(setInText("- 1", "log.level", "warn")).toEqual({ ok: false, message: broken });
  expect(setInText("", "log..level", "warn")).toEqual({
    ok: false,
    message: '"log..level" is not a setting; write for example attempts.timeout.',
  });
  expect(setInText("a: &x {b: 1, c: 1}\nlog: *x\n", "log.b", 2)).toEqual({
    ok: false,
    message: "log.b shares its place with other settings in this file; edit it by hand.",
  });
});

test("any text can be a value and comes back as itself", () => {
  const base = commentedDefault({});
  assert(
    property(string({ unit: "grapheme", minLength: 1 }), (value) => {
      const text = edited(base, "executors.claude_code.model", value);
      const settings = loadConfig({
        files: [{ path: "a", text }],
        env: {},
        flags: {},
        timeZone: "UTC",
      });
      const found = settings.ok ? settings.settings.executors.claudeCode.model : value;
      expect(found).toBe(value);
      expect(text.split("\n").length).toBe(base.split("\n").length);
    }),
    { numRuns: 100 },
  );
});

test("every setting can be set in the commented file to its own default", () => {
  const base = commentedDefault({});
  for (const { key, byDefault } of settingInfos()) expect(edited(base, key, byDefault)).toBe(base);
});
