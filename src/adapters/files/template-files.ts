import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readConfigFiles } from "./config-files.ts";
import { codeOf } from "./system-error.ts";

/** Most files of templates that are looked at. */
const FILES_MAX = 500;
const ENDING = ".md";

/** The names of the templates in a folder, sorted; none when there is no folder. */
export function templateNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(ENDING))
      .map((name) => name.slice(0, -ENDING.length))
      .sort()
      .slice(0, FILES_MAX);
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}

/** The file of a template: its text, what is in the way of reading it, or null when there is none. */
export function readTemplateFile(
  folder: string,
  name: string,
): { readonly path: string; readonly text: string } | { readonly problem: string } | null {
  const { files, problems } = readConfigFiles([join(folder, `${name}${ENDING}`)]);
  const [problem] = problems;
  return problem === undefined ? (files[0] ?? null) : { problem };
}
