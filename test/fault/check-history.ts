import type { Attempt } from "../../src/core/attempt.ts";
import type { Event, EventType } from "../../src/core/event.ts";
import { isFinal, type Task } from "../../src/core/task.ts";
import { checkOutside } from "./check-outside.ts";
import type { Asked, History } from "./history.ts";
import type { JournalLine } from "./journal.ts";

/** What is wrong with a night, each in one sentence; and how many sessions went on after a break. */
export interface Findings {
  /** Work that was asked for and did not come to its end. */
  readonly lost: readonly string[];
  /** Work that was done, claimed or concluded twice. */
  readonly doubled: readonly string[];
  /** Sessions that should have been resumed and were not. */
  readonly unresumed: readonly string[];
  /** Anything else that does not add up. */
  readonly wrong: readonly string[];
  readonly resumed: number;
}

/** Judges a night from its facts alone. */
export function checkHistory(history: History): Findings {
  const stories = history.asked.map((asked) => storyOf(history, asked));
  const outside = checkOutside(history);
  return {
    lost: [...stories.flatMap((story) => lostOf(history, story)), ...outside.lost],
    doubled: [
      ...outside.doubled,
      ...stories.flatMap((story) => [...doubledOf(story), ...overlapsOf(story)]),
      ...strangersOf(history),
    ],
    unresumed: stories.flatMap((story) => unresumedOf(story)),
    wrong: [
      ...stories.flatMap((story) => wrongOf(history, story)),
      ...wrongOverallOf(history),
      ...outside.wrong,
    ],
    resumed: stories.reduce((sum, story) => sum + resumedOf(story), 0),
  };
}

/** All that happened to one task. */
interface Story {
  readonly asked: Asked;
  readonly task: Task | null;
  readonly attempts: readonly Attempt[];
  readonly events: readonly Event[];
  readonly journal: readonly JournalLine[];
  readonly effects: History["effects"];
}

const FINAL_EVENTS: ReadonlySet<EventType> = new Set<EventType>([
  "task.succeeded",
  "task.failed",
  "task.cancelled",
]);
/** Events with which an attempt gives its task back to the queue. */
const BACK_EVENTS: ReadonlySet<EventType> = new Set<EventType>([
  "task.interrupted",
  "task.retrying",
  "task.parked",
  "task.waiting",
]);
/** Of these, the ones that also give the attempt back. */
const GIVEN_BACK_EVENTS: ReadonlySet<EventType> = new Set<EventType>([
  "task.interrupted",
  "task.parked",
  "task.waiting",
]);

function storyOf(history: History, asked: Asked): Story {
  const of = <T extends { readonly taskId: number | null }>(all: readonly T[]): readonly T[] =>
    all.filter((each) => each.taskId === asked.id);
  return {
    asked,
    task: history.tasks.find((task) => task.id === asked.id) ?? null,
    attempts: of(history.attempts).toSorted((a, b) => a.number - b.number),
    events: of(history.events),
    journal: of(history.journal),
    effects: of(history.effects),
  };
}

function lostOf(history: History, story: Story): readonly string[] {
  const { asked, task, attempts, events } = story;
  const name = `task ${asked.id}`;
  if (task === null) return [`${name} is gone`];
  if (!isFinal(task.state)) return [`${name} never ended: it is ${task.state}`];
  const found = [...unheardOf(story)];
  if (!events.some((event) => event.type === `task.${task.state}`)) {
    found.push(`${name} is ${task.state} and no event tells of it`);
  }
  const wanted = asked.fails >= asked.attemptsMax ? "failed" : "succeeded";
  if (task.state !== wanted && !(asked.cancelled && task.state === "cancelled")) {
    found.push(`${name} is ${task.state} and should be ${wanted}`);
  }
  if (task.state === "succeeded") {
    // The last attempt may have taken up what an earlier one had done.
    const sessionId = attempts.findLast((each) => each.sessionId !== null)?.sessionId ?? "";
    if (history.sessions[sessionId]?.ended !== true) {
      found.push(`${name} succeeded and its agent had not done its work`);
    }
    if (history.kept[`refs/sleepless/keep/${asked.id}/${task.attempt}`] === undefined) {
      found.push(`${name} succeeded and what it made is not kept`);
    }
  }
  return found;
}

/** Words of a person that no agent heard although one began after they were said. */
function unheardOf({ asked, events, journal }: Story): readonly string[] {
  const heard = new Set(journal.flatMap((line) => line.heard ?? []));
  const said = events.filter((event) => event.type === "task.said");
  return asked.said.flatMap((word, index) => {
    const saidAt = said[index]?.seq ?? Infinity;
    const claims = events.filter((event) => event.type === "task.admitted" && event.seq > saidAt);
    const later = new Set(claims.map((event) => event.attempt));
    const began = journal.some((line) => line.type === "start" && later.has(line.attempt));
    return began && !heard.has(word) ? [`task ${asked.id} never heard "${word}"`] : [];
  });
}

/** Claims, conclusions and effects that happened more often than once. */
function doubledOf({ asked, events, attempts, effects }: Story): readonly string[] {
  const name = `task ${asked.id}`;
  const found: string[] = [];
  const finals = events.filter((event) => FINAL_EVENTS.has(event.type));
  if (finals.length > 1) found.push(`${name} was concluded ${finals.length} times`);
  const claims = events.filter((event) => event.type === "task.admitted");
  for (const [index, claim] of claims.entries()) {
    if (claim.attempt !== index + 1) {
      found.push(`${name}: claim ${index + 1} has the attempt number ${claim.attempt}`);
    }
  }
  if (attempts.length !== claims.length) {
    found.push(`${name}: ${claims.length} claims made ${attempts.length} attempts`);
  }
  if (new Set(attempts.map((each) => each.leaseId)).size !== attempts.length) {
    found.push(`${name}: two attempts share a lease`);
  }
  let runs = false;
  for (const event of events) {
    if (event.type === "task.admitted") {
      if (runs) found.push(`${name}: attempt ${event.attempt} was claimed while another ran`);
      runs = true;
    }
    if (FINAL_EVENTS.has(event.type) || BACK_EVENTS.has(event.type)) runs = false;
  }
  if (effects.length > 1) found.push(`${name}: its effect was made ${effects.length} times`);
  return found;
}

/** Two agents of one task alive at once: the lock was taken, or an old one went on after a new start. */
function overlapsOf({ asked, journal }: Story): readonly string[] {
  const found: string[] = [];
  let newest = 0;
  for (const line of journal) {
    const agent = `task ${asked.id}: the agent of attempt ${line.attempt}`;
    if (line.type === "doubled") found.push(`${agent} met another one alive`);
    if (line.type === "start" && line.attempt <= newest) {
      found.push(`${agent} started after attempt ${newest} had`);
    }
    if (line.type === "start") newest = Math.max(newest, line.attempt);
    else if (line.attempt < newest) found.push(`${agent} worked after attempt ${newest} had begun`);
  }
  return found;
}

/** Agents that no claim stands behind. */
function strangersOf(history: History): readonly string[] {
  const known = new Set(history.attempts.map((each) => `${each.taskId}/${each.number}`));
  return history.journal
    .filter((line) => line.type === "start" && !known.has(`${line.taskId}/${line.attempt}`))
    .map((line) => `an agent worked on task ${line.taskId} as attempt ${line.attempt} unclaimed`);
}

/** A session stays a task's own from the moment it is recorded, whatever breaks an attempt off. */
function unresumedOf({ asked, attempts, journal }: Story): readonly string[] {
  const found: string[] = [];
  let session: string | null = null;
  for (const attempt of attempts) {
    const name = `task ${asked.id}, attempt ${attempt.number}`;
    if (attempt.sessionId === null) continue;
    if (session !== null && attempt.sessionId !== session) {
      found.push(`${name} began a new session instead of ${session}`);
    }
    if (session !== null && !attempt.resumed) found.push(`${name} did not resume ${session}`);
    if (session === null && attempt.resumed) found.push(`${name} resumed what nobody had begun`);
    session = attempt.sessionId;
  }
  for (const line of journal) {
    const attempt = attempts.find((each) => each.number === line.attempt);
    if (line.type !== "start" || attempt === undefined) continue;
    if (line.sessionId !== attempt.sessionId || line.resume !== attempt.resumed) {
      const name = `task ${asked.id}, attempt ${attempt.number}`;
      found.push(`${name}: its agent was started with another session than recorded`);
    }
  }
  return found;
}

/** How many attempts went on with the session of one that was broken off by a death. */
function resumedOf({ attempts }: Story): number {
  return attempts.filter((attempt, index) => {
    const before = attempts.slice(0, index).findLast((each) => each.sessionId !== null);
    const broken = attempts[index - 1]?.outcome;
    const died = broken?.type === "interrupted" || broken?.type === "failed";
    return died && attempt.resumed && attempt.sessionId === before?.sessionId;
  }).length;
}

function wrongOf(history: History, story: Story): readonly string[] {
  const { asked, task, events, attempts } = story;
  const name = `task ${asked.id}`;
  const found: string[] = [];
  const failed = events.filter((event) => event.type === "task.retrying").length;
  const allowed = asked.fails + (history.agentKills[asked.id] ?? 0);
  if (failed > allowed) found.push(`${name} lost ${failed} attempts, ${allowed} failed at most`);
  const used = usedOf(events);
  if (task !== null && task.attemptsUsed !== used) {
    found.push(`${name} says ${task.attemptsUsed} attempts were used, its events say ${used}`);
  }
  if (used > asked.attemptsMax) found.push(`${name} used ${used} of ${asked.attemptsMax} attempts`);
  if (task?.state === "failed" && used < asked.attemptsMax) {
    found.push(`${name} was given up after ${used} of ${asked.attemptsMax} attempts`);
  }
  for (const attempt of attempts) {
    if (attempt.outcome === null) found.push(`${name}, attempt ${attempt.number} has no outcome`);
  }
  const begun = events.find((event) => event.type === "task.admitted")?.seq ?? Infinity;
  for (const id of asked.dependsOn) {
    const met = history.events.find((each) => each.taskId === id && each.type === "task.succeeded");
    if (begun < (met?.seq ?? Infinity)) found.push(`${name} began before task ${id} had succeeded`);
  }
  return found;
}

/** What the events say was used up of the attempts. */
function usedOf(events: readonly Event[]): number {
  let used = 0;
  for (const { type } of events) {
    if (type === "task.admitted") used += 1;
    if (GIVEN_BACK_EVENTS.has(type)) used -= 1;
  }
  return used;
}

function wrongOverallOf(history: History): readonly string[] {
  const told = new Set(history.notified);
  // Who tells of events has ended when the last daemon signs off.
  const last = history.events.findLastIndex((event) => event.type !== "daemon.stopped");
  const untold = history.events.slice(0, last + 1).filter((event) => !told.has(event.seq));
  return [
    ...history.integrity.map((problem) => `the database: ${problem}`),
    ...history.leftovers.map((each) => `${each} was left`),
    ...history.litter.map((name) => `${name} was left behind`),
    ...history.errors.map((line) => `a daemon logged an error: ${line}`),
    ...untold.map((event) => `nobody was told of event ${event.seq} (${event.type})`),
    ...parallelOf(history),
    ...presenceOf(history),
    ...robberiesOf(history),
  ];
}

function parallelOf({ events, parallelMax }: History): readonly string[] {
  const running = new Set<number>();
  const found: string[] = [];
  for (const { type, taskId, seq } of events) {
    if (taskId === null) continue;
    if (type === "task.admitted") running.add(taskId);
    if (FINAL_EVENTS.has(type) || BACK_EVENTS.has(type)) running.delete(taskId);
    if (running.size > parallelMax) {
      found.push(`${running.size} tasks ran at once at event ${seq}, ${parallelMax} may`);
    }
  }
  return found;
}

/** A daemon tells once that it started, and once at most that it stopped. */
function presenceOf({ events }: History): readonly string[] {
  const told = new Map<string, number>();
  for (const { type, data } of events) {
    if (type !== "daemon.started" && type !== "daemon.stopped") continue;
    const what = `${type} of ${String(data["owner"])}`;
    told.set(what, (told.get(what) ?? 0) + 1);
  }
  return [...told]
    .filter(([, times]) => times > 1)
    .map(([what, times]) => `${what} was told ${times} times`);
}

/** Tasks that were taken from a daemon which claimed another one afterwards: it was not dead. */
function robberiesOf({ events, attempts, frozen }: History): readonly string[] {
  if (frozen) return [];
  const lastClaim = new Map<unknown, number>();
  for (const { type, data, seq } of events) {
    if (type === "task.admitted") lastClaim.set(data["owner"], seq);
  }
  return events
    .filter(({ type }) => type === "task.recovered")
    .flatMap(({ taskId, attempt, seq }) => {
      const owner = attempts.find(
        (each) => each.taskId === taskId && each.number === attempt,
      )?.owner;
      const isRobbed = (lastClaim.get(owner) ?? 0) > seq;
      return isRobbed ? [`task ${taskId} was taken from ${owner}, which lived`] : [];
    });
}
