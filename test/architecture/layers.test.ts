import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { LAYERS, violationsOf } from "./rules.ts";
import { codeOf, importsOf } from "./source.ts";

const root = new URL("../../", import.meta.url);

it("the sources keep the rules", () => {
  const paths = globSync("src/**/*.ts", { cwd: root }).map((path) => path.replaceAll("\\", "/"));
  expect(paths).toContain("src/core/lifecycle.ts");
  const files = paths
    .toSorted()
    .map((path) => ({ path, text: readFileSync(new URL(path, root), "utf8") }));
  expect(violationsOf(files)).toEqual([]);
});

/** What is said of one file with these lines. */
function judge(path: string, ...lines: readonly string[]): readonly string[] {
  return violationsOf([{ path, text: `${lines.join("\n")}\n` }]);
}

describe("who may import whom", () => {
  it.each([
    ["src/core/a.ts", 'import { b } from "./b.ts";'],
    ["src/core/policies/a.ts", 'import { b } from "../b.ts";'],
    ["src/ports/a.ts", 'import type { b } from "../core/b.ts";'],
    ["src/ports/a.ts", 'import type { b } from "node:stream";'],
    ["src/ports/a.ts", 'import { type b, type c } from "node:stream";'],
    ["src/engine/a.ts", 'import { b } from "../ports/b.ts";'],
    ["src/engine/steps/a.ts", 'import { b } from "../../core/b.ts";'],
    ["src/adapters/git/a.ts", 'import { b } from "./deep/b.ts";'],
    ["src/adapters/git/deep/a.ts", 'import { b } from "../b.ts";'],
    ["src/adapters/git/a.ts", 'import { b } from "../process/b.ts";'],
    ["src/adapters/git/a.ts", 'import { b } from "node:timers";'],
    ["src/surfaces/cli/a.ts", 'import { b } from "../../engine/b.ts";'],
    ["src/surfaces/cli/a.ts", 'import { b } from "node:util";'],
    ["src/config/a.ts", 'import { b } from "../core/b.ts";'],
    ["src/testing/a.ts", 'import { b } from "../ports/b.ts";'],
    ["src/app/a.ts", 'import { b } from "../adapters/git/b.ts";'],
    ["src/bin.ts", 'const { b } = await import("./app/b.ts");'],
    ["src/core/a.ts", '// import { b } from "node:fs";'],
    ["src/core/a.ts", 'const b = `import "node:fs"`;'],
  ])("%s: %s is fine", (path, line) => {
    expect(judge(path, line)).toEqual([]);
  });

  it.each([
    ["src/core/a.ts", 'import { b } from "../ports/b.ts";', "core may not import ports"],
    ["src/core/a.ts", 'import type { b } from "../ports/b.ts";', "core may not import ports"],
    ["src/core/a.ts", 'export { b } from "../engine/b.ts";', "core may not import engine"],
    ["src/core/a.ts", 'export * from "../engine/b.ts";', "core may not import engine"],
    ["src/core/a.ts", 'export * as c from "../engine/b.ts";', "core may not import engine"],
    ["src/core/a.ts", 'import "../engine/b.ts";', "core may not import engine"],
    ["src/core/a.ts", 'void import("../engine/b.ts");', "core may not import engine"],
    ["src/core/a.ts", 'type B = import("../engine/b.ts").B;', "core may not import engine"],
    ["src/core/a.ts", 'import type { b } from "node:fs";', "core may not import node:fs"],
    ["src/core/a.ts", 'import fs from "node:fs";', "core may not import node:fs"],
    ["src/core/a.ts", 'import * as fs from "node:fs";', "core may not import node:fs"],
    ["src/core/a.ts", 'import fs, { b } from "node:fs";', "core may not import node:fs"],
    ["src/core/a.ts", 'import fs, * as b from "node:fs";', "core may not import node:fs"],
    ["src/core/a.ts", 'const fs = require("node:fs");', "core may not import node:fs"],
    ["src/core/a.ts", 'x.getBuiltinModule("node:fs");', "core may not import node:fs"],
    ["src/core/a.ts", 'import { z } from "zod";', "core may not import the package zod"],
    ["src/core/a.ts", 'import { z } from "@x/y/z";', "core may not import the package @x/y"],
    ["src/core/a.ts", "void import(name);", "imports something that is computed"],
    ["src/core/a.ts", "void import(`./b.ts`);", "imports something that is computed"],
    [
      "src/core/a.ts",
      'import "../../package.json";',
      "imports ../../package.json from outside src",
    ],
    ["src/core/a.ts", 'import "./b.json";', "imports ./b.json, which is no source of ours"],
    ["src/ports/a.ts", 'import { b } from "node:fs";', "ports may not import node:fs"],
    ["src/ports/a.ts", 'import { type b, c } from "node:fs";', "ports may not import node:fs"],
    ["src/ports/a.ts", 'import type { b } from "zod";', "ports may not import the package zod"],
    ["src/ports/a.ts", 'import type { b } from "../engine/b.ts";', "ports may not import engine"],
    [
      "src/engine/a.ts",
      'import { b } from "../adapters/git/b.ts";',
      "engine may not import adapters/git",
    ],
    [
      "src/engine/a.ts",
      'import { b } from "../surfaces/cli/b.ts";',
      "engine may not import surfaces/cli",
    ],
    ["src/engine/a.ts", 'import { b } from "../app/b.ts";', "engine may not import app"],
    ["src/engine/a.ts", 'import { b } from "../config/b.ts";', "engine may not import config"],
    ["src/engine/a.ts", 'import { b } from "node:path";', "engine may not import node:path"],
    [
      "src/adapters/git/a.ts",
      'import { b } from "../sqlite/b.ts";',
      "adapters/git may not import adapters/sqlite",
    ],
    [
      "src/adapters/process/a.ts",
      'import { b } from "../git/b.ts";',
      "adapters/process may not import adapters/git",
    ],
    [
      "src/adapters/git/a.ts",
      'import { b } from "../../engine/b.ts";',
      "adapters/git may not import engine",
    ],
    [
      "src/adapters/git/a.ts",
      'import { b } from "../../app/b.ts";',
      "adapters/git may not import app",
    ],
    [
      "src/surfaces/cli/a.ts",
      'import { b } from "../slack/b.ts";',
      "surfaces/cli may not import surfaces/slack",
    ],
    [
      "src/surfaces/cli/a.ts",
      'import { b } from "../../adapters/git/b.ts";',
      "surfaces/cli may not import adapters/git",
    ],
    [
      "src/surfaces/cli/a.ts",
      'import { b } from "node:timers/promises";',
      "surfaces/cli may not import node:timers/promises",
    ],
    [
      "src/surfaces/cli/a.ts",
      'import { b } from "../../app/b.ts";',
      "surfaces/cli may not import app",
    ],
    ["src/config/a.ts", 'import { b } from "../ports/b.ts";', "config may not import ports"],
    ["src/testing/a.ts", 'import { b } from "../engine/b.ts";', "testing may not import engine"],
    ["src/app/a.ts", 'import { b } from "zod";', "app may not import the package zod"],
    ["src/app/a.ts", 'import { b } from "../bin.ts";', "app may not import entry"],
  ])("%s: %s is not", (path, line, problem) => {
    expect(judge(path, "", line)).toEqual([`${path}:2 ${problem}`]);
  });

  it("a package belongs to the first that imports it", () => {
    const text = 'import { z } from "zod/mini";\n';
    const paths = [
      "src/config/a.ts",
      "src/config/b.ts",
      "src/adapters/git/a.ts",
      "src/adapters/log/a.ts",
    ];
    expect(violationsOf(paths.map((path) => ({ path, text })))).toEqual([
      "src/adapters/git/a.ts:1 adapters/git imports zod, which belongs to config",
      "src/adapters/log/a.ts:1 adapters/log imports zod, which belongs to config",
    ]);
  });

  it("a layer that is not in the table is no layer", () => {
    expect(() => judge("src/helpers/a.ts", "const a = 1;")).toThrow("is in no known layer");
    expect(Object.values(LAYERS).flatMap(({ layers }) => layers)).toEqual(
      expect.not.arrayContaining(["entry"]),
    );
  });
});

describe("clock, randomness, environment and process", () => {
  it.each([
    ["Date.now();", "Date.now"],
    ["const now = Date.now;", "Date.now"],
    ["new Date();", "new Date() of now"],
    ["const at = new Date;", "new Date() of now"],
    ["Date();", "Date() of now"],
    ["Math.random();", "Math.random"],
    ["crypto.randomUUID();", "crypto"],
    ["process.env.HOME;", "process"],
    ["process?.exit();", "process"],
    ['process["env"];', "process"],
    ["performance.now();", "performance"],
    ["setTimeout(work, 1);", "a timer"],
    ["const later = setInterval;", "a timer"],
    ["setImmediate(work);", "a timer"],
    ["AbortSignal.timeout(1);", "AbortSignal.timeout"],
    ["globalThis.x;", "globalThis"],
    ["console.log(1);", "console"],
    ["const text = `now: ${Date.now()}`;", "Date.now"],
    ["const text = `${a ? `${Math.random()}` : 1}`;", "Math.random"],
  ])("are found: %s", (line, name) => {
    for (const layer of ["core", "ports", "engine", "config", "surfaces/cli"]) {
      const path = `src/${layer}/a.ts`;
      expect(judge(path, line)).toEqual([`${path}:1 ${layer} may not touch ${name}`]);
    }
    expect(judge("src/adapters/system/a.ts", line)).toEqual([]);
    expect(judge("src/app/a.ts", line)).toEqual([]);
    expect(judge("src/bin.ts", line)).toEqual([]);
  });

  it.each([
    "new Date(0);",
    "new Date(now);",
    "clock.now();",
    "record.process.pid;",
    "const { process } = record;",
    "Date.parse(text);",
    "Date.UTC(2026, 1);",
    "const a: Date = b;",
    "const a = new DateOnly();",
    "toDate();",
    "Math.round(1);",
    "// Date.now()",
    "/* Math.random() */",
    'const text = "Date.now()";',
    "const text = 'it\\'s Date.now()';",
    "const text = `Date.now() ${a} Math.random() ${b.map((c) => { return `${c} Date.now()`; })} process.env`;",
    "const found = /Date.now()|[/]process./u.test(text);",
  ])("are told from what only looks like them: %s", (line) => {
    expect(judge("src/core/a.ts", line)).toEqual([]);
  });
});

describe("exports", () => {
  it.each([
    ["/** What it is. */", "export function a(): void {}"],
    ["/**", " * What it is.", " */", "export async function a(): Promise<void> {}"],
    ["/** What it is. */", "export interface A {}"],
    ["/** What it is. */", "export const a: readonly number[] = [];"],
    ["const a = 1;", "export { a };"],
    ["interface A {}", "export type { A };"],
    ['export { a } from "./b.ts";'],
    ['export { default as a } from "./b.ts";'],
    ['export type { A } from "./b.ts";'],
    ['export * from "./b.ts";'],
    ['export type * from "./b.ts";'],
    [
      "/** What they are. */",
      'export const AS = ["a"] as const;',
      "export type A = (typeof AS)[number];",
    ],
    ["// export const a = 1;"],
  ])("%s %s are fine", (...lines) => {
    expect(judge("src/core/a.ts", ...lines)).toEqual([]);
  });

  it.each([
    [["export const a = 1;"], "1 exports const a without a sentence about it"],
    [
      ["// What it is.", "export const a: number = 1;"],
      "2 exports const a without a sentence about it",
    ],
    [
      ["/* What it is. */", "export function a(): void {}"],
      "2 exports function a without a sentence about it",
    ],
    [["/** */", "export interface A<B> {}"], "2 exports interface A without a sentence about it"],
    [
      ["/** What b is. */", "const b = 1;", "export type A = 1;"],
      "3 exports type A without a sentence about it",
    ],
    [
      ['const AS = ["a"] as const;', "export type A = (typeof AS)[number];"],
      "2 exports type A without a sentence about it",
    ],
    [["/** What it is. */", "export default 1;"], "2 has a default export"],
    [["const a = 1;", "export { a as default };"], "2 has a default export"],
    [['export { default } from "./b.ts";'], "1 has a default export"],
    [['export { a as default } from "./b.ts";'], "1 has a default export"],
  ])("%s are not", (lines, problem) => {
    expect(judge("src/core/a.ts", ...lines)).toEqual([`src/core/a.ts:${problem}`]);
  });
});

it("a file has 300 lines at most", () => {
  const lines = (count: number) => Array.from({ length: count }, () => "// a line");
  expect(judge("src/core/a.ts", ...lines(300))).toEqual([]);
  expect(judge("src/core/a.ts", ...lines(301))).toEqual([
    "src/core/a.ts has 301 lines, at most 300 are allowed",
  ]);
});

describe("the reader of sources", () => {
  it("finds every import with its line", () => {
    const source = [
      'import a from "a";',
      "import {",
      "  b,",
      "  type c,",
      "} from \"b\"; import type d from 'd';",
      'import { type e, type f } from "e";',
      'export { g } from "g";',
      'const h = await import("h"); // import("i")',
      'const j = { import: "k", from: "l" };',
      'export const m = "m";',
      'import.meta.resolve("n");',
    ].join("\n");
    expect(importsOf(source)).toEqual([
      { specifier: "a", line: 1, typeOnly: false },
      { specifier: "b", line: 5, typeOnly: false },
      { specifier: "d", line: 5, typeOnly: true },
      { specifier: "e", line: 6, typeOnly: true },
      { specifier: "g", line: 7, typeOnly: false },
      { specifier: "h", line: 8, typeOnly: false },
    ]);
  });

  it.each([
    ['a("b//c"); d', 'a("    "); d'],
    ["a /* b */ + c // d", "a         + c     "],
    ["`a${b}c${{ d: `e` }}f` + g", "` ${b} ${{ d: ` ` }} ` + g"],
    ["a / b / c", "a / b / c"],
    ['x = /a"b/u; c', "x = /   /u; c"],
    ["return /[/]\\/'/.test(a)", "return /      /.test(a)"],
    ["a = `\\`b`; c", "a = `   `; c"],
    ["`never closed", "`            "],
  ])("blanks what is no code: %s", (source, code) => {
    expect(codeOf(source)).toBe(code);
  });
});
