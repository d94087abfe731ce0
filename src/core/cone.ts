/**
 * The folders of a repository that a workspace has, none within another; also there are the files
 * beside each of them and above, as far as the top: what git calls a cone.
 */
export type Cone = readonly string[];

const FOLDER_LENGTH_MAX = 400;
/** Signs with a meaning in the file that tells git of the folders, and what no editor shows. */
const UNNAMABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}*?[\]\\]|^\s|\s$/u;

/** A folder below the top of a repository, such as `services/api`, as git names it; null for no such name. */
export function folderName(text: string): string | null {
  const name = text.replace(/^\.\//u, "").replace(/\/$/u, "");
  const isPart = (part: string): boolean => !/^(?:|\.|\.\.|\.git)$/iu.test(part);
  const isName = name.length <= FOLDER_LENGTH_MAX && !UNNAMABLE.test(name);
  return isName && name.split("/").every(isPart) ? name : null;
}

/** The cone of some folders; those within another of them are part of it anyway. */
export function coneOf(folders: readonly string[]): Cone {
  const all = new Set(folders);
  return [...all]
    .filter((folder) => !foldersAbove(folder).some((each) => all.has(each)))
    .toSorted();
}

/**
 * Tells whether a file is in a cone; both in the same form, characters or bytes. The time it takes does
 * not grow with the cone, which an agent may have made.
 */
export function inCone(cone: Cone): (path: string) => boolean {
  const folders = new Set(cone);
  const beside = new Set(cone.flatMap(foldersAbove));
  return (path) => {
    const [folder, ...others] = foldersAbove(path);
    if (folder === undefined || beside.has(folder)) return true;
    return folders.has(folder) || others.some((each) => folders.has(each));
  };
}

/** `a/b/c` is in `a/b` and `a`, the innermost first. */
export function foldersAbove(path: string): readonly string[] {
  const above: string[] = [];
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
    above.push(path.slice(0, at));
  }
  return above;
}
