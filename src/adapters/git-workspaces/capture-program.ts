import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Captured, captureTree } from "./capture.ts";
import type { CaptureAnswer, CaptureOrder } from "./capture-order.ts";
import { claimFiles } from "./give-files.ts";
import { type Git, type GitCall, GitFailed, hardenedGit } from "./git.ts";
import { privateFolder, type Shelf } from "./repository.ts";
import { type Aside, ASIDE_BYTES_MAX, setAside } from "./set-aside.ts";

/**
 * The program that reads an agent's folder, run behind the fence: stores its state as objects in a
 * scratch folder, makes one pack of those that our repository lacks and one archive of what no tree
 * holds, and writes what it found.
 */
async function main(): Promise<void> {
  const order = JSON.parse(await readFile(process.argv[2] ?? "", "utf8")) as CaptureOrder;
  process.stdout.write(JSON.stringify(await answerTo(order)));
}

async function answerTo(order: CaptureOrder): Promise<CaptureAnswer> {
  try {
    return { ok: true, ...(await capture(order)) };
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const stderr = error instanceof GitFailed ? error.stderr : null;
    return { ok: false, message, stderr, code: codeOf(error) };
  }
}

async function capture(
  order: CaptureOrder,
): Promise<{ captured: Captured; isPacked: boolean; aside: Aside }> {
  const { signal } = new AbortController();
  const { scratch, target } = order;
  const shelf: Shelf = { git: scratchGit(order), repositories: scratch };
  const objects = join(scratch, "objects");
  for (const folder of [objects, join(privateFolder(shelf), "home")]) {
    await mkdir(folder, { recursive: true });
  }
  if (target.seedIndex !== null) await claimFiles(target.workTree, target.seedIndex);
  const captured = await captureTree(shelf, { ...target, isOurs: true }, signal);
  const { gitDir } = target.repository;
  const { workTree } = target;
  const set = { ...order, workTree, gitDir, bytesMax: ASIDE_BYTES_MAX };
  const aside = await setAside(shelf.git, set, captured, signal);
  // No search for similar files: what is stored one by one is not compared either.
  const args = ["pack-objects", "--quiet", "--revs", "--local", "--non-empty", "--window=0"];
  const input = Buffer.from(`${captured.tree}\n${target.base === null ? "" : `^${target.base}\n`}`);
  const call = { args: [...args, join(scratch, "new")], gitDir, cwd: scratch, input };
  const name = (await shelf.git.must({ ...call, timeoutMs: order.timeoutMs }, signal))
    .toString("latin1")
    .trim();
  if (name !== "") await rename(join(scratch, `new-${name}.pack`), order.pack);
  return { captured, isPacked: name !== "", aside };
}

/** Git that writes no object but into the scratch folder. */
function scratchGit({ program, scratch, target }: CaptureOrder): Git {
  const searchPath = process.env["PATH"] ?? "";
  const home = join(privateFolder({ repositories: scratch }), "home");
  const git = hardenedGit({ program, searchPath, home });
  const moved = (call: GitCall): GitCall => ({
    ...call,
    objectDirectory: join(scratch, "objects"),
    borrowedObjects: [join(target.repository.gitDir, "objects"), call.borrowedObjects]
      .filter((each) => each !== undefined)
      .join(":"),
    // It is on the disk for good once it was taken in.
    settings: [...(call.settings ?? []), "core.fsync=none"],
  });
  return {
    run: (call, signal) => git.run(moved(call), signal),
    must: (call, signal) => git.must(moved(call), signal),
  };
}

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  return "code" in error ? String(error.code) : codeOf(error.cause);
}

await main();
