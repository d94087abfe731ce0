import { lchown, lstat, readdir } from "node:fs/promises";

/** A user and group by their numbers. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Who this process is when it may give files away; null for anyone but root. */
export function ownerHere(): Owner | null {
  return process.getuid?.() === 0 ? { uid: 0, gid: process.getgid?.() ?? 0 } : null;
}

/** Gives a folder and all that is in it to someone; follows no link. Nothing for null. */
export async function giveTo(folder: string, owner: Owner | null): Promise<void> {
  if (owner === null) return;
  const ahead = [Buffer.from(folder)];
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    await lchown(path, owner.uid, owner.gid);
    if (!(await lstat(path)).isDirectory()) continue;
    for (const name of await readdir(path, { encoding: "buffer" })) {
      ahead.push(Buffer.concat([path, Buffer.from("/"), name]));
    }
  }
}
