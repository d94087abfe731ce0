import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openSqliteStore, type SqliteOptions } from "../../../src/adapters/sqlite/open.ts";
import type { Store } from "../../../src/ports/store.ts";

/** A folder of its own with the path of a database in it; all goes when it is disposed of. */
export interface Place extends AsyncDisposable {
  readonly folder: string;
  readonly path: string;
  readonly open: (options?: Partial<SqliteOptions>) => Promise<Store>;
}

export async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "sqlite-store-"));
  const path = join(folder, "tasks.db");
  return {
    folder,
    path,
    open: (options = {}) => openSqliteStore({ path, mode: "direct", ...options }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A process that runs one of the programs in `children/`. */
export interface Child {
  readonly process: ChildProcess;
  /** The next line that it wrote; rejects with its errors when it ended before. */
  readonly line: () => Promise<string>;
  readonly tell: (line: string) => void;
  /** All that it had left to say, once it has ended; rejects when it ended badly. */
  readonly end: () => Promise<readonly string[]>;
}

export function child(name: string, ...args: readonly string[]): Child {
  const file = fileURLToPath(new URL(`children/${name}.ts`, import.meta.url));
  const started = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  const exited = once(started, "exit");
  const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
  let errors = "";
  started.stderr.on("data", (data: Buffer) => {
    errors += data.toString();
  });

  async function line(): Promise<string> {
    const next = await lines.next();
    if (next.done !== true) return next.value;
    await exited;
    throw new Error(`${name} ended: ${errors}`);
  }

  return {
    process: started,
    line,
    tell: (text) => {
      started.stdin.write(`${text}\n`);
    },
    end: async () => {
      started.stdin.end();
      const rest: string[] = [];
      for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
        rest.push(next.value);
      }
      const [code] = (await exited) as [number | null];
      if (code !== 0) throw new Error(`${name} ended with ${code}: ${errors}`);
      return rest;
    },
  };
}
