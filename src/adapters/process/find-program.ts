import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** The absolute path of a program: as given when it is a path, else the first hit on `path`; null for none. */
export function findProgram(command: string, path: string | undefined): string | null {
  if (command.includes("/")) return isAbsolute(command) && isProgram(command) ? command : null;
  const folders = (path ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, command)).find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
