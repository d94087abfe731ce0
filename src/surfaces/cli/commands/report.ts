import { parseInstant } from "../../../core/instant.ts";
import type { Queries } from "../../../engine/queries.ts";
import { reportMarkdown, taskReportMarkdown } from "../../../engine/report-text.ts";
import {
  type Report,
  type ReportDay,
  type ReportFrame,
  dayReport,
  projectReport,
  reportDays,
  taskReport,
} from "../../../engine/reporter.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { finalText } from "../final-text.ts";
import { nothingYet } from "../nothing-yet.ts";
import { counted } from "../render/numbers.ts";
import { noTask } from "./show.ts";

/** Writes a report in Markdown: of today, of a day, of a task or of a project. */
export const report: RunCommand = async (call) => {
  const { context, options, words } = call;
  const doors = await context.open();
  if (doors === null) return nothingYet(call, null);
  const { queries } = doors;
  const frame = { now: context.clock.now(), timeZone: context.timeZone() };
  if (options.has("list")) return listReports(call, queries, frame);
  const what = words[0] ?? "today";
  const id = /^#?(\d{1,9})$/u.exec(what)?.[1];
  if (id !== undefined) return showTaskReport(call, queries, frame, Number(id));
  const day = parseInstant(what, frame);
  if (day.ok) return showReport(call, await dayReport(queries, frame, day.value));
  const ofProject = await projectReport(queries, frame, what);
  if (ofProject !== null) return showReport(call, ofProject);
  const message = `"${what}" is neither a task, nor a day, nor a project; \`sle report --list\` names the days.`;
  return call.output.fail(EXIT.notFound, "not-found", message);
};

function showReport({ output }: Call, made: Report): ExitCode {
  return output.answer(made, () => reportMarkdown(made));
}

async function showTaskReport(
  call: Call,
  queries: Queries,
  frame: ReportFrame,
  id: number,
): Promise<ExitCode> {
  const { context, output } = call;
  const made = await taskReport(queries, frame, id);
  if (made === null) return noTask(output, id);
  const final = await finalText(context, made.attempts);
  return output.answer({ ...made, final }, () => taskReportMarkdown(made, { final }));
}

async function listReports(
  { output }: Call,
  queries: Queries,
  frame: ReportFrame,
): Promise<ExitCode> {
  const days = await reportDays(queries, frame);
  const projects = (await queries.projects()).map((project) => project.name);
  return output.answer({ days, projects }, () =>
    [
      ...(days.length === 0 ? ["Nothing has ended yet."] : days.map(dayLine)),
      ...(projects.length === 0 ? [] : [`Projects: ${projects.join(", ")}`]),
    ].join("\n"),
  );
}

function dayLine({ day, succeeded, failed, cancelled }: ReportDay): string {
  const all = succeeded + failed + cancelled;
  const parts = [`${succeeded} succeeded`, `${failed} failed`, `${cancelled} cancelled`];
  return `${day}  ${counted(all, "task")}: ${parts.join(", ")}`;
}
