import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../src/adapters/sqlite/open.ts";
import type { Store } from "../../../src/ports/store.ts";
import type { OpenedStore, OpenStore } from "./contract.ts";

/** Opens stores on copies of one new file, as making that file takes longer than most cases. */
export interface SqliteOpener {
  readonly open: OpenStore;
  /** Removes all files. */
  readonly clean: () => Promise<void>;
}

export function sqliteOpener(mode: "thread" | "direct"): SqliteOpener {
  let made: Promise<string> | null = null;
  let opened = 0;

  async function open(): Promise<OpenedStore> {
    const folder = await (made ??= makeFile());
    opened += 1;
    const path = join(folder, `${opened}.db`);
    await copyFile(join(folder, "new.db"), path);
    const openOnce = (): Promise<Store> => openSqliteStore({ path, mode });
    const store = await openOnce();
    return {
      store,
      again: openOnce,
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  }

  return {
    open,
    clean: async () => {
      if (made !== null) await rm(await made, { recursive: true });
    },
  };
}

/** Answers the folder that it lies in. */
async function makeFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "store-contract-"));
  const store = await openSqliteStore({ path: join(folder, "new.db"), mode: "direct" });
  await store[Symbol.asyncDispose]();
  return folder;
}
