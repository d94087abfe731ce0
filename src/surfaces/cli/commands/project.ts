import { writtenBudget } from "../../../core/budget-text.ts";
import { type Check, parseCheck } from "../../../core/check.ts";
import { ok, problem, type Result } from "../../../core/problem.ts";
import { isElsewhere, type Project } from "../../../core/project.ts";
import { parseRepoUrl, type RepoUrl } from "../../../core/repo-url.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { notFoundYet, nothingYet } from "../nothing-yet.ts";
import { readCount } from "../read-words.ts";
import { type Cell, table } from "../render/table.ts";
import { type View, viewOf, when } from "../render/view.ts";
import { renderTasks } from "./ls.ts";

/** Most tasks that `project show` names. */
const TASKS_SHOWN = 10;

/** Adds a place of work; makes the home when there is none yet. */
export const addProject: RunCommand = async (call) => {
  const { context, output, options, words } = call;
  const parallel = options.text("parallel");
  const parallelMax = parallel === null ? ok(1) : readCount("--parallel", parallel);
  if (!parallelMax.ok) return output.refuse(parallelMax.problem);
  const location = await locationOf(call);
  if (!location.ok) return output.refuse(location.problem);
  const checks: Check[] = [];
  for (const written of options.list("check")) {
    const check = parseCheck(written);
    if (!check.ok) return output.fail(EXIT.usage, "invalid", check.message);
    checks.push(check.value);
  }
  const tasks = await context.begin();
  const name = words[0] ?? "";
  const added = await tasks.addProject({
    name,
    location: location.value,
    base: options.text("base"),
    parallelMax: parallelMax.value,
    checks,
    budget: options.text("budget") ?? undefined,
  });
  if (!added.ok) return output.refuse(added.problem);
  if (output.json) return output.answer(added.value, () => "");
  output.confirm(`Project ${added.value.name} added: ${printableLine(location.value)}`);
  return EXIT.ok;
};

/** Changes what a project may take. */
export const setProject: RunCommand = async (call) => {
  const { context, output, options, words } = call;
  const [parallel, budget] = [options.text("parallel"), options.text("budget")];
  if (parallel === null && budget === null) {
    return output.fail(EXIT.usage, "invalid", "Say what to change: --parallel or --budget.");
  }
  const parallelMax = parallel === null ? ok(undefined) : readCount("--parallel", parallel);
  if (!parallelMax.ok) return output.refuse(parallelMax.problem);
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const changed = await doors.tasks.changeProject(words[0] ?? "", {
    parallelMax: parallelMax.value,
    budget: budget ?? undefined,
  });
  if (!changed.ok) return output.refuse(changed.problem);
  if (output.json) return output.answer(changed.value, () => "");
  output.confirm(`Project ${changed.value.name} changed`);
  return EXIT.ok;
};

/** A folder of this machine, or the address of a repository elsewhere. */
async function locationOf({ context, options }: Call): Promise<Result<string>> {
  const repo = options.text("repo");
  if (repo !== null && options.text("path") !== null) {
    return problem("invalid", "A project is at --path or at --repo, not at both.");
  }
  if (repo !== null) {
    const address = parseRepoUrl(repo);
    return address.ok ? ok(locationIn(address.value)) : problem("invalid", address.message);
  }
  const path = context.resolvePath(options.text("path") ?? ".");
  if (await context.isFolder(path)) return ok(path);
  return problem("invalid", `There is no folder ${path}; make it or name another.`);
}

/** A repository of this machine is a folder, however its address was written. */
function locationIn({ transport, url }: RepoUrl): string {
  return transport === "file" ? url.replace(/^file:\/\//iu, "") : url;
}

/** Lists the projects. */
export const listProjects: RunCommand = async (call) => {
  const doors = await call.context.open();
  if (doors === null) return nothingYet(call, []);
  const projects = await doors.queries.projects();
  return call.output.answer(projects, () => renderProjects(viewOf(call), projects));
};

/** Shows a project and its newest tasks. */
export const showProject: RunCommand = async (call) => {
  const { context, output, words } = call;
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const name = words[0] ?? "";
  const project = (await doors.queries.projects()).find((each) => each.name === name);
  if (project === undefined) {
    const message = `There is no project "${name}"; see \`sle project list\`.`;
    return output.fail(EXIT.notFound, "not-found", message);
  }
  const page = { before: null, limit: TASKS_SHOWN };
  const tasks = await doors.queries.tasks({ project: name }, page);
  const view = viewOf(call);
  return output.answer({ project, tasks }, () =>
    [
      view.paint("bold", project.name),
      `${isElsewhere(project) ? "Address" : "Folder "}   ${printableLine(project.location)}`,
      ...(project.base === null ? [] : [`Branch    ${project.base}`]),
      `Parallel  ${project.parallelMax}`,
      ...(project.budget === null ? [] : [`Budget    ${writtenBudget(project.budget)} a day`]),
      ...project.checks.map(
        ({ name: check, command }) => `Check     ${check}: ${printableLine(command)}`,
      ),
      `Added     ${when(view, project.createdAt)}`,
      "",
      renderTasks(view, tasks),
    ].join("\n"),
  );
};

/** Forgets a project; its folder is left alone. */
export const removeProject: RunCommand = async (call) => {
  const { context, output, words } = call;
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const removed = await doors.tasks.removeProject(words[0] ?? "");
  if (!removed.ok) return output.refuse(removed.problem);
  if (output.json) return output.answer({ removed: removed.value }, () => "");
  output.confirm(`Project ${removed.value} removed; its folder is left alone`);
  return EXIT.ok;
};

function renderProjects(view: View, projects: readonly Project[]): string {
  if (projects.length === 0) {
    return "No projects; `sle project add NAME --path FOLDER` adds one.";
  }
  const rows = projects.map((project): readonly Cell[] => [
    project.name,
    String(project.parallelMax),
    printableLine(project.location),
  ]);
  return table(["NAME", "PARALLEL", "FOLDER"], rows, view.columns);
}
