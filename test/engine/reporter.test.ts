import { expect, test } from "vitest";
import { openMemoryStore } from "../../src/adapters/memory/open.ts";
import { openQueries } from "../../src/engine/queries.ts";
import { reportMarkdown, taskReportMarkdown } from "../../src/engine/report-text.ts";
import {
  REPORT_ENTRIES_MAX,
  dayReport,
  projectReport,
  reportDays,
  taskReport,
} from "../../src/engine/reporter.ts";
import { openTasks } from "../../src/engine/tasks.ts";
import { fakeMachine } from "../../src/testing/fake-machine.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";

const HOUR_MS = 3_600_000;
const FROM = { by: "ada", source: "cli" } as const;

/** A store in which tasks can be cancelled at will: cancelling is the shortest way to an end. */
function setup() {
  const clock = manualClock(Date.UTC(2027, 0, 15, 12));
  const store = openMemoryStore();
  const tasks = openTasks({ store, clock, attemptsMaxDefault: 3 });
  const queries = openQueries({ store, clock, machine: fakeMachine() });
  const think = async (text: string, more: object = {}): Promise<number> => {
    const submitted = await tasks.submit({ text, ...more }, FROM);
    if (!submitted.ok) throw new Error(submitted.problem.message);
    return submitted.value.task.id;
  };
  const frame = (timeZone = "UTC") => ({ now: clock.now(), timeZone });
  return { clock, store, tasks, queries, think, frame };
}

test("a day is the person's own, from midnight to midnight in their zone", async () => {
  const { clock, tasks, queries, think, frame } = setup();
  for (const hours of [10, 1, 2]) {
    await clock.advance(hours * HOUR_MS);
    await tasks.cancel(await think(`after ${hours}`), "ada");
  }
  const ids = async (timeZone: string, at: number): Promise<readonly number[]> =>
    (await dayReport(queries, frame(timeZone), at)).entries.map(({ task }) => task.id);
  const fifteenth = Date.UTC(2027, 0, 15, 22, 30);
  expect(await ids("UTC", fifteenth)).toEqual([1, 2]);
  expect(await ids("Europe/Berlin", fifteenth)).toEqual([1]);
  expect(await ids("America/New_York", fifteenth)).toEqual([1, 2, 3]);
  expect(await reportDays(queries, frame("Europe/Berlin"))).toEqual([
    { day: "2027-01-16", from: Date.UTC(2027, 0, 15, 23), succeeded: 0, failed: 0, cancelled: 2 },
    { day: "2027-01-15", from: Date.UTC(2027, 0, 14, 23), succeeded: 0, failed: 0, cancelled: 1 },
  ]);
});

test("a report holds every page, and says when it does not hold all", async () => {
  const { tasks, queries, think, frame } = setup();
  for (let count = 0; count < 450; count += 1) await tasks.cancel(await think("x"), "ada");
  const whole = await dayReport(queries, frame(), frame().now);
  expect([whole.entries.length, whole.cut]).toEqual([450, false]);
  for (let count = 450; count < REPORT_ENTRIES_MAX + 1; count += 1) {
    await tasks.cancel(await think("x"), "ada");
  }
  const cut = await dayReport(queries, frame(), frame().now);
  expect([cut.entries.length, cut.cut]).toEqual([REPORT_ENTRIES_MAX, true]);
  expect(reportMarkdown(cut)).toContain("\nMore tasks ended than this report holds.\n");
});

test("a project's report has only its own; what is not there is null", async () => {
  const { tasks, queries, think, frame } = setup();
  await tasks.addProject({ name: "web", location: "/web", parallelMax: 1 });
  await tasks.cancel(await think("ours", { project: "web" }), "ada");
  await tasks.cancel(await think("other"), "ada");
  const report = await projectReport(queries, frame(), "web");
  expect(report?.entries.map(({ task }) => task.text)).toEqual(["ours"]);
  expect(await projectReport(queries, frame(), "../web")).toBeNull();
  expect(await taskReport(queries, frame(), 99)).toBeNull();
});

test("nothing in a task's words means anything to Markdown or a terminal", async () => {
  const { tasks, queries, think, frame } = setup();
  const id = await think("# Not a `title` [link](x) <b>\u001b[31m\n```\nsh\n````\nend");
  await tasks.cancel(id, "ada", "*no*");
  const day = reportMarkdown(await dayReport(queries, frame(), frame().now));
  expect(day).toContain(
    String.raw`Task #1: \# Not a \`title\` \[link\](x) \<b\> \`\`\` sh \`\`\`\` end`,
  );
  const report = await taskReport(queries, frame(), id);
  if (report === null) throw new Error("no report");
  const text = taskReportMarkdown(report, { final: "done\u0007" });
  expect(text).toContain("\n`````text\n# Not a `title` [link](x) <b>\n```\nsh\n````\nend\n`````\n");
  expect(text).toContain("\n## Result\n\ndone\u2407\n");
  expect(text).toContain(String.raw`task.cancelled: \*no\*, ada`);
});
