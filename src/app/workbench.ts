import { checkRunner } from "../adapters/checks/run-check.ts";
import { fileArtifacts } from "../adapters/files/artifacts.ts";
import type { HomeLayout } from "../adapters/files/home-layout.ts";
import { receiptChain } from "../adapters/files/receipts.ts";
import { type GitWorkspaces, gitWorkspaces } from "../adapters/git-workspaces/git-workspaces.ts";
import type { SpareRules } from "../adapters/git-workspaces/spares.ts";
import { cleanEnvironment } from "../adapters/process/environment.ts";
import { TASK_UID } from "../adapters/sandbox/stage.ts";
import { projectOf, retryRules, type Settings } from "../config/settings.ts";
import type { AttemptLimits } from "../engine/attempt.ts";
import type { Artifacts } from "../ports/artifacts.ts";
import type { Launcher } from "../ports/launcher.ts";
import type { Log } from "../ports/log.ts";
import type { Proving } from "../ports/proof.ts";
import type { Publishing } from "../ports/publishing.ts";
import { type Isolation, openIsolation } from "./isolation.ts";
import { proofRules } from "./proof-rules.ts";
import { waysOut } from "./publishing.ts";

/** What a workbench is made of. */
export interface WorkbenchOptions {
  readonly home: HomeLayout;
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly now: () => number;
  /** Starts everything instead of what the settings ask for. */
  readonly launcher?: Launcher | undefined;
  /** When folders are kept ready for tasks; absent: never. For daemons. */
  readonly spares?: SpareRules;
}

/** What results are made, proven and sent with: the same in a daemon and in a command. */
export interface Workbench {
  readonly isolation: Isolation;
  readonly launcher: Launcher;
  readonly workspaces: GitWorkspaces;
  readonly publishing: Publishing;
  readonly proving: Proving;
  readonly artifacts: Artifacts;
  readonly limits: AttemptLimits;
}

/** Opens it; nothing is reached or started before it is asked for. */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { home, settings, env, log, now } = options;
  const isolation = await openIsolation(settings, env, home);
  const launcher = options.launcher ?? isolation.launcher;
  const isRoot = process.getuid?.() === 0;
  const ways = waysOut({ settings, env, log, now });
  const workspaces = gitWorkspaces({
    ...home,
    program: "git",
    searchPath: cleanEnvironment(env)["PATH"] ?? "",
    now,
    fence: (project) => (isolation.fencesFilesOf(project) ? isolation.launcher : null),
    agentOf: (project) =>
      isRoot && isolation.fencesFilesOf(project) ? { uid: TASK_UID, gid: TASK_UID } : null,
    foldersOf: (project) => projectOf(settings, project).folders,
    ...(options.spares === undefined ? {} : { spares: options.spares }),
    access: ways.access,
    identity: ways.identity,
  });
  const { timeoutMs, stallMs } = settings.attempts;
  return {
    isolation,
    launcher,
    workspaces,
    publishing: ways.publishingOver(workspaces.branches, {
      launcher: isolation.launcher,
      isFenced: isolation.fencesFilesOf(null),
      searchPath: cleanEnvironment(env)["PATH"] ?? "",
    }),
    proving: {
      run: checkRunner({
        launcher,
        env: cleanEnvironment(env),
        confine: ({ folder, project, isolation: asked }) =>
          isolation.confine({
            workspace: folder,
            project,
            isolation: asked,
            readable: [home.shared],
          }),
      }),
      seal: receiptChain(home),
      rulesFor: proofRules(settings),
    },
    artifacts: fileArtifacts(home),
    limits: {
      timeoutMs,
      projectTimeoutMs: (name) => (name === null ? null : projectOf(settings, name).timeoutMs),
      stallMs,
      retryRules: retryRules(settings),
    },
  };
}
