import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HomeLayout, homeLayout } from "../../src/adapters/files/home-layout.ts";
import { openHome } from "../../src/adapters/files/open-home.ts";
import { type Cleared, emptyTrash } from "../../src/adapters/files/trash.ts";
import {
  type GitWorkspaces,
  gitWorkspaces,
} from "../../src/adapters/git-workspaces/git-workspaces.ts";
import type { Project } from "../../src/core/project.ts";
import type { Launcher } from "../../src/ports/launcher.ts";
import { seededChance } from "../../src/testing/seeded-chance.ts";
import { type Draw, drawFrom, type Kind, KINDS } from "./kinds.ts";
import { askGit, difference, lookAtFiles, type Looks } from "./look.ts";

/** What came of one state. */
export interface Played {
  readonly seed: number;
  readonly kinds: readonly string[];
  /** Null when every byte came back. */
  readonly difference: string | null;
}

/** Where batches are played and how. */
export interface Stage {
  readonly root: string;
  /** Starts programs; those that read what agents wrote are fenced when `isFenced`. */
  readonly launcher: Launcher;
  readonly isFenced: boolean;
}

const KINDS_MAX = 4;
const NOW = Date.UTC(2026, 0, 15, 22);
const { signal } = new AbortController();

/** The project of which only a folder is checked out. */
const PART = "part";

/** One state on its way. */
interface State {
  readonly seed: number;
  readonly taskId: number;
  readonly kinds: readonly Kind[];
  readonly project: Project | null;
  path: string;
  files: Looks;
  said: Looks;
}

interface Batch {
  readonly home: HomeLayout;
  readonly env: Readonly<Record<string, string>>;
  readonly workspaces: GitWorkspaces;
  readonly projects: readonly (Project | null)[];
}

/**
 * Makes states with real git, discards them, empties the trash, brings them back and compares: each
 * seed is one state. All of them share a home.
 */
export async function playBatch(
  stage: Stage,
  seeds: readonly number[],
): Promise<readonly Played[]> {
  const root = mkdtempSync(join(stage.root, "batch-"));
  try {
    const batch = await openBatch(stage, root);
    const states: State[] = [];
    for (const [index, seed] of seeds.entries()) states.push(await make(batch, seed, index + 1));
    for (const state of states) await discard(batch, stage, state);
    const cleared = await clearTrash(batch, stage);
    const played: Played[] = [];
    for (const state of states) played.push(await compare(batch, state, cleared));
    return played;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function openBatch(stage: Stage, root: string): Promise<Batch> {
  const home = homeLayout(join(root, "home"));
  openHome(home.path);
  const config = join(root, "gitconfig");
  const settings = "[user]\n\tname = P\n\temail = p@example.org\n[safe]\n\tdirectory = *\n";
  writeFileSync(config, `${settings}[advice]\n\tdetachedHead = false\n[gc]\n\tauto = 0\n`);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: config,
    GIT_EDITOR: "true",
    PROJECT: join(root, "app"),
    LC_ALL: "C.UTF-8",
  };
  const project = (name: string, folder = name): Project => {
    const location = join(root, folder);
    return { name, location, base: null, parallelMax: 1, budget: null, checks: [], createdAt: NOW };
  };
  for (const name of ["app", "folder"]) mkdirSync(join(root, name, "lib"), { recursive: true });
  const files = "echo one >a.txt; echo two >lib/b.txt; echo '#!/bin/sh' >run.sh; chmod 755 run.sh";
  const outside = "mkdir -p docs/more; echo three >docs/c.txt; echo four >docs/more/d.txt";
  const commit = "git init -q -b main; git add -A; git commit -q -m first; echo 2 >>a.txt";
  await shell(
    `${files}; ${outside}; ${commit}; git commit -q -a -m second; git branch old HEAD~1`,
    env.PROJECT,
    env,
  );
  await shell(files, join(root, "folder"), env);
  const { tasks, trash, repositories } = home;
  const fence = stage.isFenced ? { fence: (): Launcher => stage.launcher } : {};
  const parts = { tasks, trash, repositories, program: "git", searchPath: env.PATH, ...fence };
  const foldersOf = (name: string): readonly string[] => (name === PART ? ["lib"] : []);
  const workspaces = gitWorkspaces({ ...parts, foldersOf, now: () => NOW });
  return {
    home,
    env,
    workspaces,
    projects: [project("app"), project(PART, "app"), project("folder"), null],
  };
}

async function make(batch: Batch, seed: number, taskId: number): Promise<State> {
  const draw = drawFrom(seededChance(seed));
  const kinds = drawKinds(draw);
  const project = batch.projects[draw.below(batch.projects.length)] ?? null;
  const { path } = await batch.workspaces.open(taskId, project, signal);
  if (project === null) writeFileSync(join(path, "a.txt"), "thought\n");
  for (const kind of kinds) await shell(kind.script(draw), path, batch.env);
  if (draw.below(4) === 0) await batch.workspaces.keep(taskId, 1, project, signal);
  return { seed, taskId, kinds, project, path, files: [], said: [] };
}

function drawKinds(draw: Draw): readonly Kind[] {
  const count = 1 + draw.below(KINDS_MAX);
  return Array.from({ length: count }, () => KINDS[draw.below(KINDS.length)]).filter(
    (kind) => kind !== undefined,
  );
}

async function discard(batch: Batch, { isFenced }: Stage, state: State): Promise<void> {
  state.files = lookAtFiles(state.path);
  if (asksGit(state)) state.said = await askGit(state.path, batch.env);
  // Behind the fence it becomes another user's, which git in there must not mind.
  const stop = state.seed % BUSY_EVERY === 0 && !isFenced ? keepBusy(batch, state) : null;
  await batch.workspaces.discard(state.taskId);
  stop?.();
}

/** Of the same bytes git says the same; so it is asked of some states only. */
function asksGit({ seed }: State): boolean {
  return seed % 3 === 0;
}

const BUSY_EVERY = 50;
const BUSY = "busy.txt";

/** Files that change all the while they are captured. */
function keepBusy(batch: Batch, { path, taskId }: State): () => void {
  let round = 0;
  const write = (): void => {
    round += 1;
    const next = join(batch.home.path, `busy-${taskId}`);
    writeFileSync(next, `${round}\n`.repeat(500 + (round % 3)));
    try {
      renameSync(next, join(path, BUSY));
    } catch {
      // The folder is in the trash by now.
    }
  };
  write();
  const timer = setInterval(write, 1);
  return () => {
    clearInterval(timer);
  };
}

function clearTrash({ home, workspaces }: Batch, stage: Stage): Promise<Cleared> {
  const { launcher, isFenced } = stage;
  const by = { launcher, isFenced, whyItStays: workspaces.whyItStays };
  return emptyTrash(home, by, Number.MAX_VALUE, signal);
}

async function compare(batch: Batch, state: State, cleared: Cleared): Promise<Played> {
  const { seed, taskId, kinds, path } = state;
  const stays = cleared.stuck.find((stuck) => stuck.path.includes(`/trash/${taskId}-`));
  const found = await restoreAndLook(batch, state).catch(String);
  const told = stays === undefined ? found : `stays in the trash: ${stays.why}; ${found}`;
  rmSync(path, { recursive: true, force: true });
  return { seed, kinds: kinds.map(({ name }) => name), difference: told };
}

async function restoreAndLook(batch: Batch, state: State): Promise<string | null> {
  const { taskId, path } = state;
  const request = { state: null, into: null, replace: false };
  const answer = await batch.workspaces.restore(taskId, request, signal);
  if (!answer.ok) return JSON.stringify(answer.refusal);
  if (answer.restored.from !== "kept") return "was taken from the trash";
  const isBusy = (line: string): boolean => line.startsWith(`/${BUSY} `);
  const files = lookAtFiles(path).filter((line) => !isBusy(line));
  const differ = difference(state.files, files);
  if (differ !== null) return `files:\n${differ}`;
  if (!asksGit(state)) return null;
  const said = (await askGit(path, batch.env)).filter((line) => !line.endsWith(` ${BUSY}`));
  const saidDiffers = difference(state.said, said);
  return saidDiffers === null ? null : `git:\n${saidDiffers}`;
}

function shell(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve) => {
    // What git refuses is a state like any other.
    execFile("/bin/sh", ["-c", script], { cwd, env }, () => {
      resolve();
    });
  });
}
