import type { Project } from "../../core/project.ts";
import type { AttemptContext } from "../attempt.ts";
import { type StepResult, recordFact, recordStep } from "./record.ts";

/** Where an attempt works and where its results go. */
export interface OpenedWorkspace {
  readonly detail: string;
  readonly project: Project | null;
  readonly workspace: string;
  readonly needs: readonly string[];
  /** Files in which two versions may still be marked. */
  readonly unresolved: readonly string[];
  readonly resultsPath: string;
}

/** Opens the task's folder (the same one for every attempt) and the attempt's folder for results. */
export function openWorkspace(context: AttemptContext): Promise<StepResult<OpenedWorkspace>> {
  const { task, attempt, workspaces, artifacts, clock, control } = context;
  return recordStep(context, "open-workspace", async () => {
    const project = await projectOf(context);
    const workspace = await workspaces.open(task.id, project, control.signal);
    const results = await artifacts.open(task.id, attempt.number, clock.now());
    await recordFact(context, { workspace: workspace.path, results: results.relative });
    const { folders = [] } = workspace;
    const how = workspace.reused ? "found again" : "made";
    return {
      detail: folders.length === 0 ? how : `${how}, with ${folders.join(", ")}`,
      project,
      workspace: workspace.path,
      needs: workspace.needs ?? [],
      unresolved: workspace.unresolved ?? [],
      resultsPath: results.path,
    };
  });
}

async function projectOf(context: AttemptContext): Promise<Project | null> {
  const { task, store } = context;
  if (task.project === null) return null;
  const project = await store.projects.get(task.project);
  if (project === null) throw new Error(`There is no project "${task.project}" any more`);
  return project;
}
