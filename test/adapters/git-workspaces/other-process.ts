import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Project } from "../../../src/core/project.ts";
import type { Bundle } from "./setup.ts";

/** A module of ours, as a text to import it by. */
function from(path: string): string {
  return JSON.stringify(new URL(`../../../src/adapters/${path}`, import.meta.url).href);
}

/** What another process is to do with the same home. */
export interface Work {
  readonly taskId: number;
  readonly project: Project | null;
  readonly steps: readonly ("open" | "keep" | "conflict")[];
  /** What is merged with the base at the step "conflict". */
  readonly commit?: string;
  /** Whether folders are read in the sandbox. */
  readonly isFenced?: boolean;
  /** Keeps spare folders, and opens this task's folder when one is there. */
  readonly next?: number;
}

/** Starts a process that works in the bundle's home; `uid` needs the right to change it. */
export function startOther(bundle: Bundle, work: Work, uid?: number): ChildProcess {
  const options = { tasks: bundle.tasks, trash: bundle.trash, repositories: bundle.repositories };
  const program = `
    import { gitWorkspaces } from ${from("git-workspaces/git-workspaces.ts")};
    import { createLauncher } from ${from("process/launcher.ts")};
    import { openSandbox } from ${from("sandbox/open-sandbox.ts")};
    const { taskId, project, steps, commit, isFenced, next } = ${JSON.stringify(work)};
    const fences = {};
    if (isFenced) {
      const sandbox = await openSandbox({ searchPath: process.env.PATH, temporary: "/tmp" });
      fences.sandbox = sandbox.fence;
    }
    const reading = isFenced ? { fence: await createLauncher({ fences }).then((made) => () => made) } : {};
    const signal = new AbortController().signal;
    const workspaces = gitWorkspaces({
      ...${JSON.stringify(options)}, program: "git", searchPath: process.env.PATH, now: Date.now,
      ...reading,
      ...(next === undefined ? {} : {
        spares: { fromMs: -1, fromFiles: 0, diskFreeMinBytes: 0, unusedMs: 1e9 },
      }),
    });
    let answer = null;
    for (const step of steps) {
      if (step === "conflict") {
        const { branches } = workspaces;
        const base = await branches.base(project, signal);
        await branches.openConflict(project, { taskId, commit }, base.commit, signal);
        continue;
      }
      answer = step === "open"
        ? await workspaces.open(taskId, project, signal)
        : await workspaces.keep(taskId, 1, project, signal);
    }
    if (next !== undefined) {
      await workspaces.spares.settled();
      await workspaces.open(next, project, signal);
    }
    console.log(JSON.stringify(answer));`;
  return spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: "/",
    stdio: ["ignore", "pipe", "inherit"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
}

/** The answer of its last step. */
export async function answerOf(child: ChildProcess): Promise<unknown> {
  let text = "";
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(child, "close");
  return JSON.parse(text) as unknown;
}
