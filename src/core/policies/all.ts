import { POLICY_NAMES, type Policy, type PolicyName } from "../hold.ts";
import { budget } from "./budget.ts";
import { capacity } from "./capacity.ts";
import { conflict } from "./conflict.ts";
import { dependencies } from "./dependencies.ts";
import { executorReady } from "./executor-ready.ts";
import { hours } from "./hours.ts";
import { notBefore } from "./not-before.ts";
import { paused } from "./paused.ts";
import { projectTurn } from "./project-turn.ts";
import { quota } from "./quota.ts";
import { resources } from "./resources.ts";

const BY_NAME: Readonly<Record<PolicyName, Policy>> = {
  paused,
  "not-before": notBefore,
  dependencies,
  capacity,
  "project-turn": projectTurn,
  conflict,
  "executor-ready": executorReady,
  quota,
  hours,
  resources,
  budget,
};

/** Every policy, in the order of `POLICY_NAMES`. */
export const POLICIES: readonly Policy[] = POLICY_NAMES.map((name) => BY_NAME[name]);
