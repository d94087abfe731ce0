/**
 * The folders of a repository that a workspace has, none within another; also there are the files
 * beside each of them and above, as far as the top: what git calls a cone.
 */
export type Cone = readonly string[];

const FOLDER_LENGTH_MAX = 400;
/** Signs with a meaning in the file that tells git of the folders, and what no editor shows. */
const UNNAMABLE = /[\p{Cc}\p{Cs}*?[\]\\]|^\s|\s$/u;

/** A folder below the top of a repository, such as `services/api`, as git names it; null for no such name. */
export function folderName(text: string): string | null {
  const name = text.replace(/^\.\//u, "").replace(/\/$/u, "");
  const isPart = (part: string): boolean => !/^(?:|\.|\.\.|\.git)$/iu.test(part);
  const isName = name.length <= FOLDER_LENGTH_MAX && !UNNAMABLE.test(name);
  return isName && name.split("/").every(isPart) ? name : null;
}

/** The cone of some folders; those within another of them are part of it anyway. */
export function coneOf(folders: readonly string[]): Cone {
  const all = [...new Set(folders)].toSorted();
  return all.filter((folder) => !all.some((other) => folder.startsWith(`${other}/`)));
}

/** Whether a file is in a cone; both in the same form, characters or bytes. */
export function isInCone(cone: Cone, path: string): boolean {
  const slash = path.lastIndexOf("/");
  if (slash === -1) return true;
  const beside = path.slice(0, slash + 1);
  return cone.some((folder) => path.startsWith(`${folder}/`) || folder.startsWith(beside));
}
