import type { Calls, ClaimStore } from "./calls.ts";
import { admit, heads, nextDueAt } from "./claims.ts";
import type { Database } from "./database.ts";

/** Finding and claiming what may start. */
export function claimCalls(database: Database): Calls<ClaimStore> {
  return {
    heads: (at, perLane) => heads(database, at, perLane),
    nextDueAt: (at) => nextDueAt(database, at),
    admit: (request) => database.write(() => admit(database, request)),
  };
}
