import type { Act } from "./act.ts";
import { AFTERMATH } from "./acts/aftermath.ts";
import { AMOUNTS } from "./acts/amounts.ts";
import { IPC } from "./acts/ipc.ts";
import { KERNEL } from "./acts/kernel.ts";
import { NETWORK } from "./acts/network.ts";
import { PLANTING } from "./acts/planting.ts";
import { PROCESSES } from "./acts/processes.ts";
import { READING } from "./acts/reading.ts";
import { RESOURCES } from "./acts/resources.ts";
import { WRITING } from "./acts/writing.ts";

/** Every act, by its number. */
export const SUITE: readonly Act[] = [
  ...READING,
  ...WRITING,
  ...PLANTING,
  ...PROCESSES,
  ...KERNEL,
  ...IPC,
  ...NETWORK,
  ...RESOURCES,
  ...AMOUNTS,
  ...AFTERMATH,
].toSorted((a, b) => a.number - b.number);
