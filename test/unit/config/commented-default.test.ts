import { expect, test } from "vitest";
import { settingInfos } from "../../../src/config/catalog.ts";
import { commentedDefault } from "../../../src/config/commented-default.ts";
import { loadConfig, type LoadedConfig } from "../../../src/config/load.ts";

function load(text: string | null): LoadedConfig {
  const files = text === null ? [] : [{ path: "config.yaml", text }];
  return loadConfig({ files, env: {}, flags: {}, timeZone: "Asia/Tokyo" });
}

test("the commented file sets every setting to its default", () => {
  const [commented, nothing] = [load(commentedDefault({})), load(null)];
  if (!commented.ok || !nothing.ok) throw new Error("does not load");
  expect(commented.settings).toEqual(nothing.settings);
  expect(commented.values.map(({ key }) => key)).toEqual(settingInfos().map(({ key }) => key));
  expect(commented.values.filter(({ origin }) => origin === "default")).toEqual([]);
});

test("every setting stands below one line that explains it", () => {
  const lines = commentedDefault({}).split("\n");
  for (const { key, description } of settingInfos()) {
    const name = key.slice(key.lastIndexOf(".") + 1);
    const at = lines.findIndex((line) => line.endsWith(`# ${description}`));
    expect(description).not.toBe("");
    expect(lines[at + 1]?.trim()).toMatch(new RegExp(`^${name}: `, "u"));
  }
});

test("answers take the place of defaults", () => {
  const answers = { "hours.night": ["23:30-07:00"], "executors.claude_code.model": "a: b # c" };
  const loaded = load(commentedDefault(answers));
  if (!loaded.ok) throw new Error(loaded.problems.join("\n"));
  expect(loaded.settings.hours.nights[0]?.startMinute).toBe(1410);
  expect(loaded.settings.executors.claudeCode.model).toBe("a: b # c");
  expect(() => commentedDefault({ "hours.nigth": 1 })).toThrow("There is no setting hours.nigth");
});
