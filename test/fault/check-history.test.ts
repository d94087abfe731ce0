import { describe, expect, it } from "vitest";
import type { Event } from "../../src/core/event.ts";
import type { Task } from "../../src/core/task.ts";
import { checkHistory, type Findings } from "./check-history.ts";
import type { History } from "./history.ts";
import { attemptOf, lineOf, soundHistory } from "./sound-history.ts";

const SOUND: Findings = { lost: [], doubled: [], unresumed: [], wrong: [], resumed: 2 };

/** The sound history with one thing changed. */
function doctored(change: (history: History) => Partial<History>): History {
  const history = soundHistory();
  return { ...history, ...change(history) };
}

function withTask(id: number, patch: Partial<Task>): History {
  return doctored(({ tasks }) => ({
    tasks: tasks.map((task) => (task.id === id ? { ...task, ...patch } : task)),
  }));
}

/** The history with these events put in after the one with number `seq`; all is numbered anew and told. */
function withEvents(seq: number, more: readonly Partial<Event>[]): History {
  return doctored(({ events }) => {
    const added = more.map((patch) => ({ ...events[0], ...patch }) as Event);
    const all = [...events.slice(0, seq), ...added, ...events.slice(seq)];
    return {
      events: all.map((event, index) => ({ ...event, seq: index + 1 })),
      notified: all.map((_, index) => index + 1),
    };
  });
}

it("finds nothing in a sound history and counts what was resumed", () => {
  expect(checkHistory(soundHistory())).toEqual(SOUND);
});

describe("lost work", () => {
  it.each<[string, History, readonly string[]]>([
    [
      "a task that is gone",
      doctored(({ tasks }) => ({ tasks: tasks.filter((task) => task.id !== 1) })),
      ["task 1 is gone"],
    ],
    [
      "a task that waits for ever",
      withTask(1, { state: "queued" }),
      ["task 1 never ended: it is queued"],
    ],
    [
      "a task that runs for ever",
      withTask(2, { state: "running" }),
      ["task 2 never ended: it is running"],
    ],
    [
      "a final state that no event tells of",
      doctored(({ events }) => ({ events: events.filter((event) => event.seq !== 10) })),
      ["task 1 is succeeded and no event tells of it"],
    ],
    [
      "success without the work",
      doctored(({ sessions }) => ({
        sessions: { ...sessions, "session-1": { beats: 1, failed: 0, effect: true, ended: false } },
      })),
      ["task 1 succeeded and its agent had not done its work"],
    ],
    [
      "success whose result is not kept",
      doctored(() => ({ kept: { "refs/sleepless/keep/2/2": "tree-2" } })),
      ["task 1 succeeded and what it made is not kept"],
    ],
    [
      "words that no agent heard",
      doctored(({ asked, events }) => ({
        asked: asked.map((each) => (each.id === 1 ? { ...each, said: ["word-1"] } : each)),
        events: events.map((event) =>
          event.seq === 7 ? { ...event, type: "task.said", taskId: 1 } : event,
        ),
      })),
      ['task 1 never heard "word-1"'],
    ],
  ])("sees %s", (_name, history, lost) => {
    expect(checkHistory(history).lost).toEqual(lost);
  });

  it("sees a task that ended as nobody asked for", () => {
    const history = doctored(({ asked }) => ({
      asked: asked.map((each) => ({ ...each, cancelled: false })),
    }));
    expect(checkHistory(history).lost).toEqual(["task 4 is cancelled and should be succeeded"]);
  });
});

describe("doubled work", () => {
  it.each<[string, History, readonly string[]]>([
    [
      "two agents at once, by the lock",
      doctored(({ journal }) => ({ journal: [...journal, lineOf("doubled", 2, 2)] })),
      ["task 2: the agent of attempt 2 met another one alive"],
    ],
    [
      "an agent that worked on after the next had begun",
      doctored(({ journal }) => ({ journal: [...journal, lineOf("beat", 1, 1)] })),
      ["task 1: the agent of attempt 1 worked after attempt 2 had begun"],
    ],
    [
      "one attempt with two agents",
      doctored(({ journal }) => ({ journal: [...journal, lineOf("start", 3, 1)] })),
      ["task 3: the agent of attempt 1 started after attempt 1 had"],
    ],
    [
      "an agent that nobody claimed for",
      doctored(({ journal }) => ({ journal: [...journal, lineOf("start", 3, 2)] })),
      ["an agent worked on task 3 as attempt 2 unclaimed"],
    ],
    [
      "two conclusions",
      withEvents(16, [{ type: "task.succeeded", taskId: 1, attempt: 2 }]),
      ["task 1 was concluded 2 times"],
    ],
    [
      "an effect made twice",
      doctored(({ effects }) => ({
        effects: [...effects, { taskId: 1, sessionId: "session-other" }],
      })),
      ["task 1: its effect was made 2 times"],
    ],
    [
      "a shared lease",
      doctored(({ attempts }) => ({
        attempts: attempts.map((each) => ({ ...each, leaseId: `lease-${each.taskId}` })),
      })),
      ["task 1: two attempts share a lease", "task 2: two attempts share a lease"],
    ],
  ])("sees %s", (_name, history, doubled) => {
    expect(checkHistory(history).doubled).toEqual(doubled);
  });

  it("sees a claim of a task that runs, and a number given twice", () => {
    const history = withEvents(2, [{ type: "task.admitted", taskId: 1, attempt: 1 }]);
    expect(checkHistory(history).doubled).toEqual([
      "task 1: claim 2 has the attempt number 1",
      "task 1: claim 3 has the attempt number 2",
      "task 1: 3 claims made 2 attempts",
      "task 1: attempt 1 was claimed while another ran",
    ]);
  });
});

describe("sessions", () => {
  it("sees a session that was not resumed", () => {
    const history = doctored(({ attempts, journal }) => ({
      attempts: attempts.map((each) =>
        each.taskId === 1 && each.number === 2
          ? { ...each, sessionId: "session-fresh", resumed: false }
          : each,
      ),
      journal: journal.filter((line) => line.taskId !== 1),
    }));
    expect(checkHistory(history)).toEqual({
      ...SOUND,
      lost: ["task 1 succeeded and its agent had not done its work"],
      unresumed: [
        "task 1, attempt 2 began a new session instead of session-1",
        "task 1, attempt 2 did not resume session-1",
      ],
      resumed: 1,
    });
  });

  it("sees a session that was forgotten over an attempt without one", () => {
    const history = doctored(({ attempts }) => ({
      attempts: [
        ...attempts.filter((each) => each.taskId !== 3),
        attemptOf(3, 1),
        attemptOf(3, 2, { sessionId: null }),
        attemptOf(3, 3, { sessionId: "session-new" }),
      ],
    }));
    expect(checkHistory(history).unresumed).toEqual([
      "task 3, attempt 3 began a new session instead of session-3",
      "task 3, attempt 3 did not resume session-3",
    ]);
  });

  it("sees an agent that was started with another session than recorded", () => {
    const history = doctored(({ journal }) => ({
      journal: journal.map((line) => (line.taskId === 3 ? { ...line, sessionId: "other" } : line)),
    }));
    expect(checkHistory(history).unresumed).toEqual([
      "task 3, attempt 1: its agent was started with another session than recorded",
    ]);
  });
});

describe("everything else that does not add up", () => {
  it.each<[string, History, readonly string[]]>([
    [
      "an attempt that a dead daemon used up",
      withTask(1, { attemptsUsed: 2 }),
      ["task 1 says 2 attempts were used, its events say 1"],
    ],
    [
      "an attempt lost although nothing failed",
      doctored(({ asked }) => ({
        asked: asked.map((each) => ({ ...each, fails: each.id === 2 ? 0 : each.fails })),
      })),
      ["task 2 lost 1 attempts, 0 failed at most"],
    ],
    [
      "a task given up too early",
      doctored(({ asked }) => ({ asked: asked.map((each) => ({ ...each, attemptsMax: 3 })) })),
      ["task 3 was given up after 1 of 3 attempts"],
    ],
    [
      "more attempts than allowed",
      doctored(({ asked }) => ({ asked: asked.map((each) => ({ ...each, attemptsMax: 1 })) })),
      ["task 2 used 2 of 1 attempts"],
    ],
    [
      "an attempt that never ended",
      doctored(({ attempts }) => ({
        attempts: attempts.map((each) => (each.taskId === 4 ? { ...each, outcome: null } : each)),
      })),
      ["task 4, attempt 1 has no outcome"],
    ],
    [
      "a task that did not wait for another",
      doctored(({ asked }) => ({
        asked: asked.map((each) => (each.id === 4 ? { ...each, dependsOn: [1] } : each)),
      })),
      ["task 4 began before task 1 had succeeded"],
    ],
    [
      "too many tasks at once",
      doctored(() => ({ parallelMax: 1 })),
      [
        "2 tasks ran at once at event 3, 1 may",
        "2 tasks ran at once at event 5, 1 may",
        "2 tasks ran at once at event 12, 1 may",
      ],
    ],
    [
      "an event that nobody was told of",
      doctored(({ notified }) => ({ notified: notified.filter((seq) => seq !== 7) })),
      ["nobody was told of event 7 (task.cancel-requested)"],
    ],
    [
      "a daemon that told its start twice",
      withEvents(1, [{ type: "daemon.started" }]),
      ["daemon.started of daemon-0 was told 2 times"],
    ],
    [
      "a task taken from a daemon that lived",
      withEvents(9, [
        { type: "task.admitted", taskId: 9, attempt: 1, data: { owner: "daemon-0" } },
        { type: "task.interrupted", taskId: 9, attempt: 1 },
      ]),
      ["task 1 was taken from daemon-0, which lived"],
    ],
    [
      "what was left or broken",
      doctored(() => ({
        integrity: ["row 3 missing from index tasks_in_lanes"],
        leftovers: ["process 77 of 1/1/lease"],
        litter: ["claude-resume-1"],
        errors: ["A turn failed"],
      })),
      [
        "the database: row 3 missing from index tasks_in_lanes",
        "process 77 of 1/1/lease was left",
        "claude-resume-1 was left behind",
        "a daemon logged an error: A turn failed",
      ],
    ],
  ])("sees %s", (_name, history, wrong) => {
    expect(checkHistory(history).wrong).toEqual(wrong);
  });
});
