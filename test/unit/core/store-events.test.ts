import { describe, expect, it } from "vitest";
import {
  admissionChangedEvent,
  attemptStartedEvent,
  daemonEvents,
  projectAddedEvent,
  projectChangedEvent,
  projectRemovedEvent,
  saidEvent,
  stepEvent,
} from "../../../src/core/store-events.ts";
import { NOW } from "./samples.ts";

const GENERAL = { taskId: null, attempt: null };

it("a step is told when it begins and when it ends", () => {
  const step = { name: "work", startedAt: NOW, endedAt: null, ok: null, detail: "" } as const;
  const of = { taskId: 7, attempt: 2 };
  expect(stepEvent(7, 2, step)).toEqual({
    type: "step.started",
    at: NOW,
    ...of,
    data: { name: "work" },
  });
  expect(stepEvent(7, 2, { ...step, endedAt: NOW + 5, ok: true, detail: "fine" })).toEqual({
    type: "step.ended",
    at: NOW + 5,
    ...of,
    data: { name: "work", ok: true, detail: "fine" },
  });
});

it("an attempt has started once its agent says so, with what is known of it", () => {
  const event = { type: "attempt.started", at: NOW, taskId: 7, attempt: 2 };
  expect(attemptStartedEvent(7, 2, { startedAt: NOW, model: "opus", sessionId: "s" })).toEqual({
    ...event,
    data: { model: "opus", sessionId: "s" },
  });
  expect(attemptStartedEvent(7, 2, { startedAt: NOW })).toEqual({
    ...event,
    data: { model: null, sessionId: null },
  });
});

it("words to a task are told without the words, of an attempt only while one runs", () => {
  const said = { id: 3, at: NOW, by: "ada" };
  const event = { type: "task.said", at: NOW, taskId: 7, data: { by: "ada", messageId: 3 } };
  expect(saidEvent({ id: 7, state: "running", attempt: 2 }, said)).toEqual({
    ...event,
    attempt: 2,
  });
  expect(saidEvent({ id: 7, state: "queued", attempt: 2 }, said)).toEqual({
    ...event,
    attempt: null,
  });
});

it("projects and admission are told", () => {
  const checks = [{ name: "test", command: "npm test" }];
  const project = {
    name: "backend",
    location: "/srv/backend",
    base: null,
    parallelMax: 2,
    budget: null,
    checks,
    createdAt: NOW,
  };
  expect(projectAddedEvent(project)).toEqual({
    type: "project.added",
    at: NOW,
    ...GENERAL,
    data: {
      name: "backend",
      location: "/srv/backend",
      base: null,
      parallelMax: 2,
      budget: null,
      checks,
    },
  });
  expect(projectChangedEvent("backend", { parallelMax: 3 }, NOW)).toEqual({
    type: "project.changed",
    at: NOW,
    ...GENERAL,
    data: { name: "backend", parallelMax: 3 },
  });
  expect(projectRemovedEvent("backend", NOW)).toEqual({
    type: "project.removed",
    at: NOW,
    ...GENERAL,
    data: { name: "backend" },
  });
  expect(admissionChangedEvent({ mode: "paused", until: null, by: "ada" }, NOW)).toEqual({
    type: "admission.changed",
    at: NOW,
    ...GENERAL,
    data: { mode: "paused", until: null, by: "ada" },
  });
});

describe("a daemon's record", () => {
  const daemon = {
    owner: "daemon-1",
    host: "night",
    process: { pid: 42, startTicks: 1, bootId: "boot" },
    version: "0.1.0",
    startedAt: NOW,
    stoppedAt: null,
  };
  const data = { owner: "daemon-1", host: "night", version: "0.1.0", pid: 42 };
  const started = { type: "daemon.started", at: NOW, ...GENERAL, data };
  const stopped = { type: "daemon.stopped", at: NOW + 9, ...GENERAL, data };
  const ended = { ...daemon, stoppedAt: NOW + 9 };

  it("tells of each start and each stop once", () => {
    expect(daemonEvents(null, daemon)).toEqual([started]);
    expect(daemonEvents(daemon, daemon)).toEqual([]);
    expect(daemonEvents(daemon, ended)).toEqual([stopped]);
    expect(daemonEvents(ended, ended)).toEqual([]);
  });

  it("tells of both when it is new and over, and of a start under the same name", () => {
    expect(daemonEvents(null, ended)).toEqual([started, stopped]);
    expect(daemonEvents({ startedAt: NOW - 9, stoppedAt: null }, daemon)).toEqual([started]);
    expect(daemonEvents({ startedAt: NOW - 9, stoppedAt: NOW - 8 }, ended)).toEqual([
      started,
      stopped,
    ]);
  });
});
