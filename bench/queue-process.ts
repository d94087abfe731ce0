// One process of the queue's bench: runs rounds when its parent says so.
// Arguments: file for bare commits, file of the store, its own index, how many there are, mode.
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../src/adapters/sqlite/open.ts";
import { untilFree } from "../src/adapters/sqlite/retry.ts";
import { cycleWith } from "./queue-cycle.ts";
import { FILLED_AT } from "./queue-fill.ts";

/** One round that the parent asks for. */
export interface Round {
  readonly what: "bare" | "store";
  readonly ms: number;
}

/** What a round came to; `errors` are the sentences that a caller saw. */
export interface Done {
  readonly commits: number;
  readonly ms: number;
  readonly errors: readonly string[];
}

/** Submit, claim and conclude. */
const COMMITS_PER_CYCLE = 3;

async function main(args: readonly string[]): Promise<void> {
  const [barePath = "", storePath = "", index = "0", processes = "1", mode = "direct"] = args;
  const bare = openBare(barePath);
  const store = await openSqliteStore({
    path: storePath,
    mode: mode === "thread" ? "thread" : "direct",
  });
  const cycle = cycleWith(store, Number(index), Number(processes), FILLED_AT + 10_000_000);
  const play = async ({ what, ms }: Round): Promise<void> => {
    const done = await (what === "bare" ? run(ms, 1, bare) : run(ms, COMMITS_PER_CYCLE, cycle));
    process.send?.(done);
  };
  process.on("message", (round: Round) => void play(round));
  process.on("disconnect", () => process.exit(0));
  process.send?.("ready");
}

/** The least that a durable commit can be: one small row, with the same settings and the same patience. */
function openBare(path: string): () => Promise<void> {
  const db = new DatabaseSync(path, { timeout: 1000 });
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
     CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, text TEXT) STRICT`,
  );
  db.close();
  const connection = new DatabaseSync(path, { timeout: 0 });
  connection.exec("PRAGMA synchronous = FULL");
  const insert = connection.prepare("INSERT INTO rows (text) VALUES (?)");
  return () =>
    untilFree(path, () => {
      insert.run("Do the thing as the issue describes it.");
    });
}

async function run(ms: number, commitsEach: number, once: () => Promise<void>): Promise<Done> {
  const startedMs = performance.now();
  const errors: string[] = [];
  let times = 0;
  while (performance.now() - startedMs < ms) {
    try {
      await once();
      times += 1;
    } catch (error) {
      errors.push(String(error));
    }
  }
  return { commits: times * commitsEach, ms: performance.now() - startedMs, errors };
}

await main(process.argv.slice(2));
