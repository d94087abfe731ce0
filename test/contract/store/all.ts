import { chainCases } from "./chains.ts";
import { claimCases } from "./claims.ts";
import { conditionCases } from "./conditions.ts";
import type { ContractCase, OpenStore } from "./contract.ts";
import { dependencyCases } from "./dependencies.ts";
import { eventCases } from "./events.ts";
import { leaseCases } from "./leases.ts";
import { lifeCases } from "./life.ts";
import { purgeCases } from "./purge.ts";
import { roomCases } from "./room.ts";
import { scheduleCases } from "./schedules.ts";
import { sharedCases } from "./shared.ts";
import { taskCases } from "./tasks.ts";
import { usageCases } from "./usage.ts";

/** Every promise of the store's port, for any adapter. */
export const STORE_CONTRACT: readonly ContractCase[] = [
  ...taskCases,
  ...claimCases,
  ...leaseCases,
  ...dependencyCases,
  ...conditionCases,
  ...chainCases,
  ...purgeCases,
  ...roomCases,
  ...eventCases,
  ...usageCases,
  ...scheduleCases,
  ...sharedCases,
  ...lifeCases,
];

/** The cases that can be run on what `open` opens, each with a store of its own. */
export function casesFor(
  open: OpenStore,
  canOpenAgain: boolean,
): readonly { readonly name: string; readonly run: () => Promise<void> }[] {
  return STORE_CONTRACT.filter((each) => canOpenAgain || each.needsAgain === undefined).map(
    ({ name, run }) => ({
      name,
      run: async () => {
        await using opened = await open();
        await run(opened);
      },
    }),
  );
}
