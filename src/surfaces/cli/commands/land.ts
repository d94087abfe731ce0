import type { Aside, Preview } from "../../../core/preview.ts";
import type { Result } from "../../../core/problem.ts";
import type { Project } from "../../../core/project.ts";
import type { Task } from "../../../core/task.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { LandingCall, Landings } from "../../../engine/landing/landings.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { notFoundYet } from "../nothing-yet.ts";
import { readIds } from "../read-words.ts";

const HASH_SHOWN = 12;

/** Puts results on their base branches. */
export const land: RunCommand = (call) =>
  decideEach(call, (landings, id, how) =>
    landings.land(id, { ...how, anyway: call.options.has("anyway") }),
  );

/** Notes that results are not wanted. */
export const reject: RunCommand = (call) =>
  decideEach(call, (landings, id, how) =>
    landings.reject(id, { ...how, note: call.options.text("message") }),
  );

/** Tries the verified results of one project, or of all, together. */
export const preview: RunCommand = async (call) => {
  const { context, output, words } = call;
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const landings = await context.landings();
  if (!landings.ok) return output.refuse(landings.problem);
  const named = words[0];
  const projects = await doors.queries.projects();
  const names = named === undefined ? projects.map(({ name }: Project) => name) : [named];
  const previews: Record<string, Preview> = {};
  let exitCode: ExitCode = EXIT.ok;
  for (const name of names) {
    const found = await landings.value.preview(name, howOf(call));
    if (found.ok) previews[name] = found.value;
    else exitCode = await output.refuse(found.problem);
  }
  const printed = output.answer(previews, () =>
    Object.entries(previews)
      .map(([name, each]) => previewText(name, each))
      .join("\n\n"),
  );
  return exitCode === EXIT.ok ? printed : exitCode;
};

type Decide = (landings: Landings, id: number, how: LandingCall) => Promise<Result<Task>>;

/** Decides about every task named; one that is refused does not keep the others from it. */
async function decideEach(call: Call, decide: Decide): Promise<ExitCode> {
  const { context, output, words } = call;
  const ids = readIds(words);
  if (!ids.ok) return output.refuse(ids.problem);
  if ((await context.open()) === null) return notFoundYet(call);
  const landings = await context.landings();
  if (!landings.ok) return output.refuse(landings.problem);
  const decided: Task[] = [];
  let exitCode: ExitCode = EXIT.ok;
  for (const id of ids.value) {
    const result = await decide(landings.value, id, howOf(call));
    if (result.ok) {
      decided.push(result.value);
      output.confirm(decisionText(result.value));
    } else {
      const refused = await output.refuse(result.problem);
      if (exitCode === EXIT.ok) exitCode = refused;
    }
  }
  if (!output.json) return exitCode;
  const printed = output.answer(decided, () => "");
  return exitCode === EXIT.ok ? printed : exitCode;
}

function howOf({ context, output }: Call): LandingCall {
  return {
    by: context.by,
    signal: context.interrupted,
    tell: (line) => output.hint(`… ${printableLine(line)}`),
  };
}

function decisionText({ id, landing }: Task): string {
  if (landing === null) return `Task #${id} is open`;
  if (landing.decision === "rejected") return `Task #${id} rejected; its result stays kept`;
  return `Task #${id} landed as ${landing.commit?.slice(0, HASH_SHOWN) ?? ""}`;
}

function previewText(name: string, { together, aside, checkRuns, problem }: Preview): string {
  const runs = checkRuns === 1 ? "1 run" : `${checkRuns} runs`;
  const head =
    together.length === 0
      ? `${name}: nothing to land together (${runs} of the checks)`
      : `${name}: ${together.length} merge and pass together (${runs} of the checks)`;
  const ids = together.map(String).join(" ");
  return [
    head,
    ...(problem === null ? [] : [`  ${problem}`]),
    ...(together.length === 0 ? [] : [`  Land them in this order: sle land ${ids}`]),
    ...aside.map(asideText),
  ].join("\n");
}

function asideText({ taskId, why, with: other, checkRuns }: Aside): string {
  if (why === "collides") {
    const what = other === null ? "the base branch or what is before it" : `#${other}`;
    return `  #${taskId} collides with ${what}; \`sle retry ${taskId}\` after landing lets the agent put it right`;
  }
  const what = other === null ? "" : ` together with #${other} and what is before it`;
  return `  #${taskId} breaks the checks${what} (found in ${checkRuns} runs)`;
}
