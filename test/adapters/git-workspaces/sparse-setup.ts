import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Project } from "../../../src/core/project.ts";
import type { Kept, RestoreRequest } from "../../../src/ports/workspaces.ts";
import { type Bundle, type Files, inside, setup } from "./setup.ts";

export const FILES: Files = {
  "README.md": "top\n",
  "services/notes.md": "notes\n",
  "services/api/main.ts": "api\n",
  "services/api/deep/x.ts": "x\n",
  "services/web/main.ts": "web\n",
  "libs/one.ts": "one\n",
  "docs/guide.md": "guide\n",
  "docs/more/other.md": "other\n",
};
export const HERE: readonly string[] = [
  "README.md",
  "libs/one.ts",
  "services/api/deep/x.ts",
  "services/api/main.ts",
  "services/notes.md",
];
export const NEWEST: RestoreRequest = { state: null, into: null, replace: false };

export function sparse(folders: readonly string[] = ["services/api", "libs"]): Bundle {
  return setup("git", undefined, folders);
}

export function filesIn(folder: string): readonly string[] {
  const said = execFileSync(
    "find",
    [".", "-path", "./.git", "-prune", "-o", "-type", "f", "-print"],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  return said
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.slice(2))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

export function keep(bundle: Bundle, project: Project, taskId = 1): Promise<Kept> {
  return bundle.workspaces.keep(taskId, 1, project, bundle.signal);
}

export function inTree(bundle: Bundle, commit: string): readonly string[] {
  return inside(bundle, "app", "ls-tree", "-r", "--name-only", commit).split("\n");
}

/** The index that was noted when the folder was made is gone, as after a conflict or a restore. */
export function forgetSeed(bundle: Bundle): void {
  rmSync(join(bundle.repositories, ".private/seeds"), { recursive: true });
}
