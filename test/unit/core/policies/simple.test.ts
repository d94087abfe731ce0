import type { HoursRules } from "../../../../src/core/hours.ts";
import { hoursOf } from "../../../../src/testing/admission-rules.ts";
import { describe, expect, it } from "vitest";
import type { LocalFacts, RunningTask } from "../../../../src/core/hold.ts";
import { capacity } from "../../../../src/core/policies/capacity.ts";
import { executorReady } from "../../../../src/core/policies/executor-ready.ts";
import { hours } from "../../../../src/core/policies/hours.ts";
import { notBefore } from "../../../../src/core/policies/not-before.ts";
import { paused } from "../../../../src/core/policies/paused.ts";
import { projectTurn } from "../../../../src/core/policies/project-turn.ts";
import { resources } from "../../../../src/core/policies/resources.ts";
import { HOUR, MINUTE, NOW, rulesOf, snapshotOf, taskOf } from "../samples.ts";

function runningOf(count: number, project: string | null): readonly RunningTask[] {
  return Array.from({ length: count }, (_, index) => ({
    id: 100 + index,
    project,
    kind: "serious" as const,
    executor: "claude-code",
    model: null,
    admittedAt: NOW,
  }));
}

describe("paused", () => {
  const judge = (mode: "open" | "paused" | "draining", until: number | null) =>
    paused(taskOf(), snapshotOf({ admission: { mode, until, by: "ada" } }));

  it("lets tasks start while admission is open", () => {
    expect(judge("open", null)).toBeNull();
    expect(judge("open", NOW + 1)).toBeNull();
  });

  it("holds until a person resumes", () => {
    expect(judge("paused", null)).toEqual({
      policy: "paused",
      reason: "ada paused all starts, nothing starts until `sle resume`.",
      nextCheckAt: null,
    });
    expect(judge("draining", null)).toEqual({
      policy: "paused",
      reason: "ada drains the queue: what runs may end, nothing starts until `sle resume`.",
      nextCheckAt: null,
    });
  });

  it("holds until the end of a pause that has one, and not longer", () => {
    expect(judge("paused", NOW + 1000)).toEqual({
      policy: "paused",
      reason: "ada paused all starts, nothing starts until 2026-11-24T21:00:01Z.",
      nextCheckAt: NOW + 1000,
    });
    expect(judge("paused", NOW)).toBeNull();
    expect(judge("draining", NOW - 1)).toBeNull();
  });
});

describe("not-before", () => {
  it("lets a task start from its moment on", () => {
    expect(notBefore(taskOf(), snapshotOf())).toBeNull();
    expect(notBefore(taskOf({ notBefore: NOW }), snapshotOf())).toBeNull();
  });

  it("holds before it", () => {
    expect(notBefore(taskOf({ notBefore: NOW + 1000 }), snapshotOf())).toEqual({
      policy: "not-before",
      reason: "It may not start before 2026-11-24T21:00:01Z.",
      nextCheckAt: NOW + 1000,
    });
  });

  it("names the failure that the wait follows", () => {
    const failure = { failure: "overloaded", message: "529" } as const;
    expect(notBefore(taskOf({ notBefore: NOW + 1000, failure }), snapshotOf())?.reason).toBe(
      "It may not start before 2026-11-24T21:00:01Z after its last attempt ended with overloaded.",
    );
  });

  it("says so when the moment is no date", () => {
    expect(notBefore(taskOf({ notBefore: Infinity }), snapshotOf())?.reason).toBe(
      "It may not start before an unknown time.",
    );
  });
});

describe("capacity", () => {
  it("holds once as many attempts run as may", () => {
    expect(capacity(taskOf(), snapshotOf({ running: runningOf(2, null) }))).toBeNull();
    expect(capacity(taskOf(), snapshotOf({ running: runningOf(3, null) }))).toEqual({
      policy: "capacity",
      reason: "3 of 3 attempts run; the next starts when one ends.",
      nextCheckAt: null,
    });
  });
});

describe("project-turn", () => {
  const judge = (
    project: string | null,
    runs: readonly RunningTask[],
    limits: Record<string, number>,
  ) => projectTurn(taskOf({ project }), snapshotOf({ running: runs, projectParallelMax: limits }));

  it("holds while the project runs as many as it may", () => {
    expect(judge("backend", runningOf(2, "backend"), { backend: 2 })).toEqual({
      policy: "project-turn",
      reason: "2 of 2 attempts of project backend run; the next starts when one ends.",
      nextCheckAt: null,
    });
  });

  it("counts only the project's own attempts", () => {
    const others = [...runningOf(5, "frontend"), ...runningOf(5, null)];
    expect(judge("backend", [...others, ...runningOf(1, "backend")], { backend: 2 })).toBeNull();
  });

  it("knows no limit for a project without one, whatever its name", () => {
    expect(judge("backend", runningOf(9, "backend"), { frontend: 1 })).toBeNull();
    expect(judge("constructor", runningOf(9, "constructor"), {})).toBeNull();
    expect(judge(null, runningOf(9, null), { null: 1 })).toBeNull();
  });
});

describe("executor-ready", () => {
  const judge = (executor: string | null, executors: Parameters<typeof snapshotOf>[0]) =>
    executorReady(taskOf({ executor }), snapshotOf(executors));

  it("asks the executor of the task, or the configured one", () => {
    expect(judge(null, {})).toBeNull();
    expect(
      judge("command", { executors: { command: { ready: true, provider: null } } }),
    ).toBeNull();
  });

  it("holds for an executor that is not there", () => {
    const missing = (name: string) => ({
      policy: "executor-ready",
      reason: `There is no executor ${name} here; \`sle doctor\` names those there are.`,
      nextCheckAt: null,
    });
    expect(judge("codex", {})).toEqual(missing("codex"));
    expect(judge("toString", {})).toEqual(missing("toString"));
    expect(judge(null, { executors: {} })).toEqual(missing("claude-code"));
  });

  it("ends the reason with a stop, whatever stands within it", () => {
    const readiness = {
      ready: false,
      reason: "Version 2.1 is too old",
      nextCheckAt: null,
    } as const;
    expect(judge(null, { executors: { "claude-code": readiness } })?.reason).toBe(
      "The executor claude-code is not ready: Version 2.1 is too old.",
    );
  });

  it.each(["It is not logged in.", "It is not logged in"])("passes on why: %s", (reason) => {
    const readiness = { ready: false, reason, nextCheckAt: NOW + MINUTE } as const;
    expect(judge(null, { executors: { "claude-code": readiness } })).toEqual({
      policy: "executor-ready",
      reason: "The executor claude-code is not ready: It is not logged in.",
      nextCheckAt: NOW + MINUTE,
    });
  });
});

describe("hours", () => {
  const judge = (now: number, patch: Partial<HoursRules>) =>
    hours(
      taskOf({ kind: "serious" }),
      snapshotOf({ now, rules: rulesOf({ hours: hoursOf(patch) }) }),
    );

  it("holds a kind that may not start by day until the night, and the other way round", () => {
    expect(judge(NOW, { kindsByDay: ["thought"] })).toEqual({
      policy: "hours",
      reason:
        "Tasks of the kind serious do not start by day; in UTC it is day until 2026-11-24T22:00:00Z.",
      nextCheckAt: NOW + HOUR,
    });
    expect(judge(NOW + HOUR, { kindsByDay: [] })).toBeNull();
    expect(judge(NOW, { kindsByNight: [] })).toBeNull();
    expect(judge(NOW + HOUR, { kindsByNight: [] })).toMatchObject({
      reason:
        "Tasks of the kind serious do not start by night; in UTC it is night until 2026-11-25T07:00:00Z.",
      nextCheckAt: NOW + 10 * HOUR,
    });
  });

  it("holds by day what was asked for at night only", () => {
    const task = taskOf({ kind: "serious", nightOnly: true });
    const at = (now: number, patch: Partial<HoursRules> = {}) =>
      hours(task, snapshotOf({ now, rules: rulesOf({ hours: hoursOf(patch) }) }));
    expect(at(NOW)).toEqual({
      policy: "hours",
      reason: "It is to start at night only; in UTC it is day until 2026-11-24T22:00:00Z.",
      nextCheckAt: NOW + HOUR,
    });
    expect(at(NOW + HOUR)).toBeNull();
    expect(at(NOW, { kindsByNight: [] })?.reason).toBe(
      "It is to start at night only, and no other time comes for it; see `hours` in the settings.",
    );
  });

  it("says so when no time will come", () => {
    const never = {
      policy: "hours",
      reason:
        "Tasks of the kind serious do not start by day, and no other time comes for it; see `hours` in the settings.",
      nextCheckAt: null,
    };
    expect(judge(NOW, { kindsByDay: [], nights: [] })).toEqual(never);
    expect(judge(NOW, { kindsByDay: [], kindsByNight: ["generated"] })).toEqual(never);
  });
});

describe("resources", () => {
  const MIB = 1_048_576;

  it("holds nothing that is unknown or not asked for", () => {
    expect(resources(taskOf(), snapshotOf({ memoryFreeBytes: 1, diskFreeBytes: 1 }))).toBeNull();
    const rules = rulesOf({ memoryFreeMinBytes: 5 * MIB, diskFreeMinBytes: 5 * MIB });
    expect(resources(taskOf(), snapshotOf({ rules }))).toBeNull();
  });

  it("holds below what is asked for and looks again soon", () => {
    const rules = rulesOf({ memoryFreeMinBytes: 5 * MIB, diskFreeMinBytes: 7 * MIB });
    const judge = (memoryFreeBytes: number, diskFreeBytes: number) =>
      resources(taskOf(), snapshotOf({ rules, memoryFreeBytes, diskFreeBytes }));
    expect(judge(5 * MIB, 7 * MIB)).toBeNull();
    expect(judge(5 * MIB - 1, 0)).toEqual({
      policy: "resources",
      reason: "4 MiB of memory are free, a start asks for 5 MiB.",
      nextCheckAt: NOW + 5000,
    });
    expect(judge(5 * MIB, 7 * MIB - 1)).toEqual({
      policy: "resources",
      reason: "6 MiB of disk are free, a start asks for 7 MiB.",
      nextCheckAt: NOW + 5000,
    });
  });

  it("holds on a busy machine, and on a low battery that nothing else powers", () => {
    const rules = rulesOf({ loadMax: 2, batteryMin: 0.3 });
    const judge = (facts: Partial<LocalFacts>) =>
      resources(taskOf(), snapshotOf({ rules, ...facts }));
    expect(judge({ loadPerProcessor: 1.999 })).toBeNull();
    expect(judge({ loadPerProcessor: 2.5 })).toEqual({
      policy: "resources",
      reason: "The load of this machine is 2.50 for each processor, nothing starts from 2 on.",
      nextCheckAt: NOW + 5000,
    });
    expect(judge({ battery: { share: 0.3, isPowered: false } })).toBeNull();
    expect(judge({ battery: { share: 0.1, isPowered: true } })).toBeNull();
    expect(judge({ battery: { share: 0.299, isPowered: false } })).toEqual({
      policy: "resources",
      reason: "The battery is at 29 %, a start asks for 30 % or a power line.",
      nextCheckAt: NOW + 5000,
    });
    expect(judge({ loadPerProcessor: null, battery: null })).toBeNull();
    const facts = { loadPerProcessor: 9, battery: { share: 0, isPowered: false } };
    expect(resources(taskOf(), snapshotOf(facts))).toBeNull();
  });

  it("holds beside other attempts until there is as much memory as agents took before", () => {
    const rules = rulesOf({ memoryFreeMinBytes: MIB });
    const judge = (patch: Parameters<typeof snapshotOf>[0]) =>
      resources(
        taskOf(),
        snapshotOf({
          rules,
          running: runningOf(1, null),
          memoryNeedBytes: { "claude-code": 100 * MIB },
          ...patch,
        }),
      );
    expect(judge({ memoryFreeBytes: 100 * MIB })).toBeNull();
    expect(judge({ memoryFreeBytes: 99 * MIB })).toEqual({
      policy: "resources",
      reason: "99 MiB of memory are free, and agents of claude-code took up to 100 MiB.",
      nextCheckAt: NOW + 5000,
    });
    expect(judge({ memoryFreeBytes: 150 * MIB, memoryPromisedBytes: 60 * MIB })?.reason).toBe(
      "90 MiB of memory are free beside what running agents still need, and agents of claude-code took up to 100 MiB.",
    );
    expect(judge({ memoryFreeBytes: 50 * MIB, memoryPromisedBytes: 60 * MIB })?.reason).toContain(
      "0 MiB of memory",
    );
    expect(judge({ memoryFreeBytes: 99 * MIB, running: [] })).toBeNull();
    expect(judge({ memoryFreeBytes: null })).toBeNull();
    expect(judge({ memoryFreeBytes: 99 * MIB, rules: rulesOf() })).toBeNull();
    expect(judge({ memoryFreeBytes: 99 * MIB, memoryNeedBytes: {} })).toBeNull();
  });

  it("never shows two equal numbers", () => {
    const rules = rulesOf({ memoryFreeMinBytes: 5 * MIB + 2 });
    const hold = resources(taskOf(), snapshotOf({ rules, memoryFreeBytes: 5 * MIB + 1 }));
    expect(hold?.reason).toBe("5 MiB of memory are free, a start asks for 6 MiB.");
  });
});
