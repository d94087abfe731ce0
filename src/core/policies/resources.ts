import {
  type AdmissionRules,
  executorOf,
  type Hold,
  type LocalFacts,
  needOf,
  type Policy,
} from "../hold.ts";
import type { Instant } from "../task.ts";

/** How soon the machine is worth another look. */
const RECHECK_MS = 5000;
const MIB_BYTES = 1_048_576;

/**
 * Holds while this machine has less free memory or disk than asked for, is busier, or runs on a battery
 * that is low; what is unknown holds nothing. Beside other attempts there must also be as much memory
 * as agents of the task's executor were seen to take; a single one may always try.
 */
export const resources: Policy = (task, snapshot) => {
  const { rules } = snapshot;
  const executor = executorOf(task, rules);
  const need = needOf(snapshot, executor);
  const isAlone = snapshot.running.length === 0;
  return resourcesHold(snapshot) ?? (isAlone ? null : tooLittleFor(executor, need, snapshot));
};

/** What holds for every task, so that the health of a daemon is judged by it too. */
export function resourcesHold(facts: ResourceFacts): Hold | null {
  const { now, rules } = facts;
  return (
    short("memory", facts.memoryFreeBytes, rules.memoryFreeMinBytes, now) ??
    short("disk", facts.diskFreeBytes, rules.diskFreeMinBytes, now) ??
    busy(facts) ??
    lowBattery(facts)
  );
}

/** What the machine is judged by. */
interface ResourceFacts extends Omit<LocalFacts, "executors"> {
  readonly now: Instant;
  readonly rules: AdmissionRules;
}

function short(
  what: "memory" | "disk",
  freeBytes: number | null,
  minBytes: number | null,
  now: Instant,
): Hold | null {
  if (freeBytes === null || minBytes === null || freeBytes >= minBytes) return null;
  return held(
    `${floorMib(freeBytes)} of ${what} are free, a start asks for ${ceilMib(minBytes)}.`,
    now,
  );
}

/** What running agents have not taken yet, but are expected to, is not free. */
function tooLittleFor(executor: string, needBytes: number, facts: ResourceFacts): Hold | null {
  const { memoryFreeBytes, memoryPromisedBytes: promised = 0, rules, now } = facts;
  if (memoryFreeBytes === null || rules.memoryFreeMinBytes === null) return null;
  const leftBytes = Math.max(0, memoryFreeBytes - promised);
  if (leftBytes >= needBytes) return null;
  const running = promised === 0 ? "" : " beside what running agents still need";
  const seen = `agents of ${executor} took up to ${ceilMib(needBytes)}`;
  return held(`${floorMib(leftBytes)} of memory are free${running}, and ${seen}.`, now);
}

function busy({ loadPerProcessor: load = null, rules, now }: ResourceFacts): Hold | null {
  const { loadMax } = rules;
  if (load === null || loadMax === null || load < loadMax) return null;
  const words = `The load of this machine is ${load.toFixed(2)} for each processor`;
  return held(`${words}, nothing starts from ${loadMax} on.`, now);
}

function lowBattery({ battery = null, rules, now }: ResourceFacts): Hold | null {
  const { batteryMin } = rules;
  if (battery === null || batteryMin === null) return null;
  if (battery.isPowered || battery.share >= batteryMin) return null;
  const asked = `a start asks for ${Math.ceil(batteryMin * 100)} % or a power line`;
  return held(`The battery is at ${Math.floor(battery.share * 100)} %, ${asked}.`, now);
}

function held(reason: string, now: Instant): Hold {
  return { policy: "resources", reason, nextCheckAt: now + RECHECK_MS };
}

/** Rounded apart, so that two numbers never look equal when they are not. */
function floorMib(bytes: number): string {
  return `${Math.floor(bytes / MIB_BYTES)} MiB`;
}

function ceilMib(bytes: number): string {
  return `${Math.ceil(bytes / MIB_BYTES)} MiB`;
}
