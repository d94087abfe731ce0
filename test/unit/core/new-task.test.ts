import { describe, expect, it } from "vitest";
import { ADMISSION_DEFAULT } from "../../../src/core/admission.ts";
import { isStartable, newTask, queuedEvent, type Asked } from "../../../src/core/new-task.ts";
import { ok, problem } from "../../../src/core/problem.ts";
import { promptFor } from "../../../src/core/prompt.ts";
import { HOUR, NOW, taskOf, onSuccessOf } from "./samples.ts";

const ASKED: Asked = {
  at: NOW,
  kind: "serious",
  priority: "high",
  source: "slack",
  text: "fix the clock",
  template: { name: "fix", values: { what: "the clock" } },
  project: "backend",
  executor: "claude-code",
  model: "opus",
  timeoutMs: 60_000,
  isolation: "sandbox",
  budget: { usd: 2, tokens: null },
  attemptsMax: 5,
  notBefore: NOW + 1,
  nightOnly: true,
  deadlineAt: NOW + 73 * HOUR,
  touches: ["src/api"],
  dependsOn: onSuccessOf(3, 1, 3),
  by: "ada",
};

describe("a new task", () => {
  it("that names no files touches none", () => {
    const { touches: _, ...asked } = ASKED;
    expect(newTask(1, asked, 0).touches).toEqual([]);
  });

  it("is queued with everything that was asked for, and nothing done", () => {
    expect(newTask(12, ASKED, 2)).toEqual({
      id: 12,
      version: 1,
      state: "queued",
      kind: "serious",
      priority: "high",
      source: "slack",
      text: "fix the clock",
      notes: [],
      template: { name: "fix", values: { what: "the clock" } },
      project: "backend",
      executor: "claude-code",
      model: "opus",
      timeoutMs: 60_000,
      isolation: "sandbox",
      budget: { usd: 2, tokens: null },
      spent: { usd: 0, tokens: 0 },
      attemptsMax: 5,
      attemptsUsed: 0,
      attempt: 0,
      sessionId: null,
      lease: null,
      notBefore: NOW + 1,
      nightOnly: true,
      deadlineAt: NOW + 73 * HOUR,
      touches: ["src/api"],
      dependsOn: onSuccessOf(3, 1),
      unmetDependencies: 2,
      lane: expect.stringMatching(/^serious\|backend\|claude-code\|opus\|night\|touches-\d+$/u),
      orderKey: NOW - 43_200_000,
      cancelRequestedAt: null,
      failure: null,
      question: null,
      landing: null,
      verdict: null,
      createdAt: NOW,
      updatedAt: NOW,
      finishedAt: null,
      trashedAt: null,
    });
  });

  it("is told of without its text", () => {
    expect(queuedEvent(newTask(12, ASKED, 2), "ada")).toEqual({
      type: "task.queued",
      at: NOW,
      taskId: 12,
      attempt: null,
      data: { by: "ada", kind: "serious", priority: "high", source: "slack", project: "backend" },
    });
  });
});

it("a task is startable when nothing of its own keeps it", () => {
  expect(isStartable(taskOf(), NOW)).toBe(true);
  expect(isStartable(taskOf({ notBefore: NOW }), NOW)).toBe(true);
  expect(isStartable(taskOf({ notBefore: NOW + 1 }), NOW)).toBe(false);
  expect(isStartable(taskOf({ unmetDependencies: 1 }), NOW)).toBe(false);
  expect(isStartable(taskOf({ state: "waiting" }), NOW)).toBe(false);
});

it("admission is open before anyone has set it", () => {
  expect(ADMISSION_DEFAULT).toEqual({ mode: "open", until: null, by: "default" });
});

it("a door answers with a value or with a problem", () => {
  expect(ok(7)).toEqual({ ok: true, value: 7 });
  expect(problem("invalid", "Say more.")).toEqual({
    ok: false,
    problem: { code: "invalid", message: "Say more.", fields: [] },
  });
  const fields = [{ field: "text", message: "It is empty." }];
  expect(problem("refused", "Say more.", fields)).toEqual({
    ok: false,
    problem: { code: "refused", message: "Say more.", fields },
  });
});

describe("the prompt", () => {
  const task = taskOf({ text: "count the stars", notes: ["only the bright ones"] });

  it("is the task, its notes and what was said meanwhile", () => {
    expect(promptFor(task, ["and the planets"])).toBe(
      "count the stars\n\nonly the bright ones\n\nand the planets",
    );
  });

  it("names the failure before, unless it was no fault of the work", () => {
    const failed = (failure: "crash" | "quota") =>
      promptFor({ ...task, notes: [], failure: { failure, message: "It fell over." } }, []);
    expect(failed("crash")).toBe(
      "count the stars\n\nThe previous attempt ended with: It fell over.",
    );
    expect(failed("quota")).toBe("count the stars");
  });

  it("names files that may still be marked, unless the failure does", () => {
    const of = (failure: "crash" | "conflict", paths: readonly string[]) =>
      promptFor({ ...task, notes: [], failure: { failure, message: "Oh." } }, [], paths);
    const merge =
      "The folder holds a merge with what others did meanwhile. Where both versions are still marked, resolve them and remove the marks";
    const start = "count the stars\n\nThe previous attempt ended with: Oh.";
    expect(of("crash", ["a.txt", "b\n.txt"])).toBe(`${start}\n\n${merge}: a.txt, b .txt.`);
    expect(of("conflict", ["a.txt"])).toBe(start);
    const many = Array.from({ length: 23 }, (_, at) => `f${at}`);
    expect(of("crash", many)).toMatch(/f18, f19 and 3 more\.$/u);
  });
});
