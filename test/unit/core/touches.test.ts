import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { conflict } from "../../../src/core/policies/conflict.ts";
import { laneOf } from "../../../src/core/lane.ts";
import { contendersIn, plan } from "../../../src/core/plan.ts";
import { parseTouches, sharedPath, TOUCHES_MAX, touchesIn } from "../../../src/core/touches.ts";
import { NOW, rulesOf, snapshotOf, taskOf } from "./samples.ts";

describe("the paths that a text names", () => {
  it.each<[string, readonly string[]]>([
    ["Fix src/api/users.ts, please", ["src/api/users.ts"]],
    ["Look into ./services/api/ (and docs/).", ["services/api", "docs"]],
    ["Rename `src/core` and `Makefile.am`.", ["src/core", "Makefile.am"]],
    ["users.ts and README.md: mend both.", ["users.ts", "README.md"]],
    ["src/a.ts src/a.ts src/a.ts", ["src/a.ts"]],
    ["the end is src/a.ts.", ["src/a.ts"]],
    ['In "test/a b/c.ts" or (lib/x.py)', ["b/c.ts", "lib/x.py"]],
  ])("%s", (text, paths) => {
    expect(touchesIn(text)).toEqual(paths);
  });

  it.each([
    "Move to Node.js or Vue.js and/or CI/CD",
    "See https://example.org/docs/index.md and example.org",
    "Version 1.2.3 of e.g. that, 1/2 of it, at 10:30",
    "../../etc/passwd.txt /etc/hosts.txt .git/config.txt `rm -rf src/`",
    "`npm`, `true`, a.b()",
    "",
  ])("none: %s", (text) => {
    expect(touchesIn(text)).toEqual([]);
  });

  it("are few, clean and found soon, whatever the text", () => {
    const many = Array.from({ length: 99 }, (_, index) => `src/${index}.ts`).join(" ");
    expect(touchesIn(many)).toHaveLength(TOUCHES_MAX);
    for (const hostile of [
      "a/".repeat(5e5),
      "a.".repeat(5e5),
      "`".repeat(1e6),
      "a://".repeat(3e5),
    ]) {
      expect(touchesIn(hostile).length).toBeLessThanOrEqual(TOUCHES_MAX);
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const path of touchesIn(text))
          expect(path).not.toMatch(/\p{Cc}|^\/|(^|\/)\.\.(\/|$)/u);
      }),
    );
  });
});

it("a person names paths below the top of the project, or none", () => {
  expect(parseTouches(["src/api/", "./README.md"])).toEqual({
    ok: true,
    value: ["src/api", "README.md"],
  });
  expect(parseTouches(["none"])).toEqual({ ok: true, value: [] });
  const why = "is no path below the top of the project; write for example src/api/ or none.";
  for (const word of ["/etc", "../x", "a//b", ".git/config", ""]) {
    expect(parseTouches([word])).toEqual({ ok: false, message: `"${word}" ${why}` });
  }
  expect(parseTouches(Array.from({ length: 21 }, () => "a"))).toEqual({
    ok: false,
    message: "A task may name 20 paths at most, not 21.",
  });
});

it("paths are shared when one is the other, in it, or a bare name of it", () => {
  expect(sharedPath(["x", "src/api/a.ts"], ["src/api"])).toBe("src/api/a.ts");
  expect(sharedPath(["src/api"], ["src/api/a.ts"])).toBe("src/api");
  expect(sharedPath(["a.ts"], ["src/api/a.ts"])).toBe("a.ts");
  expect(sharedPath(["src/api/a.ts"], ["a.ts"])).toBe("src/api/a.ts");
  expect(sharedPath(["src/a.ts"], ["src/a.ts"])).toBe("src/a.ts");
  expect(sharedPath(["src/ap", "lib/a.ts"], ["src/api", "src/a.ts"])).toBeNull();
});

describe("conflict", () => {
  const running = (id: number, touches: readonly string[], project = "web") => ({
    id,
    project,
    kind: "serious" as const,
    executor: "claude-code",
    model: null,
    admittedAt: NOW,
    touches,
  });
  const task = taskOf({ id: 1, kind: "serious", project: "web", touches: ["src/api"] });
  const judge = (others: readonly ReturnType<typeof running>[], patch = {}) =>
    conflict({ ...task, ...patch }, snapshotOf({ running: others }));

  it("holds a task while another of its project works on the same files", () => {
    expect(judge([running(8, ["docs"]), running(9, ["src/api/a.ts"])])).toEqual({
      policy: "conflict",
      reason:
        "It is likely to touch src/api, which task 9 works on; it starts when that one ends (`--touches` says otherwise for a task).",
      nextCheckAt: null,
    });
  });

  it("holds nothing across projects, without a name in common, or when it is not wanted", () => {
    expect(judge([running(9, ["src/api"], "other")])).toBeNull();
    expect(judge([running(9, ["docs"])])).toBeNull();
    expect(judge([running(9, ["src/api"])], { touches: [] })).toBeNull();
    expect(judge([running(9, ["src/api"])], { project: null })).toBeNull();
    const { touches: _, ...unknown } = running(9, []);
    expect(conflict(task, snapshotOf({ running: [unknown] }))).toBeNull();
    const rules = rulesOf({ avoidsConflicts: false });
    expect(conflict(task, snapshotOf({ rules, running: [running(9, ["src/api"])] }))).toBeNull();
  });

  it("starts one of several of a plan, and lets nobody pass one that waits", () => {
    const of = (id: number, ...touches: readonly string[]) =>
      taskOf({ id, kind: "serious", project: "web", touches, orderKey: id });
    const snapshot = snapshotOf({
      rules: rulesOf({ parallelMax: 9 }),
      running: [running(9, ["a"])],
    });
    const decisions = plan([of(1, "a", "b"), of(2, "b"), of(3, "c"), of(4, "c/d")], snapshot);
    expect(decisions.map(({ holds }) => holds.map(({ reason }) => reason.split(" (")[0]))).toEqual([
      ["It is likely to touch a, which task 9 works on; it starts when that one ends"],
      ["It is likely to touch b, which task 1 comes to first"],
      [],
      ["It is likely to touch c/d, which task 3 works on; it starts when that one ends"],
    ]);
    expect([...contendersIn(decisions)]).toEqual(["project web"]);
  });

  it("comes to a task at last, whatever others touch", () => {
    const of = (id: number, ...touches: readonly string[]) =>
      taskOf({ id, kind: "serious", project: "web", touches, orderKey: id });
    let runs = [running(100, ["x"])];
    for (let turn = 0; turn < 10; turn += 1) {
      const heads = [of(1, "x", "y"), of(200 + turn, turn % 2 === 0 ? "y" : "x")];
      const rules = rulesOf({ parallelMax: 9 });
      const started = plan(heads, snapshotOf({ rules, running: runs })).filter(
        ({ holds }) => holds.length === 0,
      );
      if (started.some(({ task: each }) => each.id === 1)) return;
      runs = [...runs.slice(1), ...started.map(({ task: each }) => running(each.id, each.touches))];
    }
    expect.unreachable("it starved");
  });
});

describe("lanes of tasks that name files", () => {
  const key = {
    kind: "serious",
    project: "web",
    executor: null,
    model: null,
    nightOnly: false,
  } as const;

  it("are shared by those that name the same, in any order, and are few", () => {
    expect(laneOf({ ...key, touches: ["a", "b"] })).toBe(laneOf({ ...key, touches: ["b", "a"] }));
    expect(laneOf({ ...key, touches: ["a"] })).not.toBe(laneOf({ ...key, touches: ["b"] }));
    expect(laneOf({ ...key, touches: [] })).toBe(laneOf(key));
    expect(laneOf({ ...key, touches: ["a"] })).toMatch(/^serious\|web\|\|\|touches-\d+$/u);
    const lanes = Array.from({ length: 5000 }, (_, index) =>
      laneOf({ ...key, touches: [`src/${index}.ts`] }),
    );
    expect(new Set(lanes).size).toBe(256);
  });
});
