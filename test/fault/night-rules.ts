import { openRules } from "../../src/testing/admission-rules.ts";
import type { AdmissionRules } from "../../src/core/hold.ts";
import type { AttemptLimits } from "../../src/engine/attempt.ts";

/** Most attempts at once over all daemons under test. */
export const PARALLEL_MAX = 3;

/** Starts whatever there is. */
export const NIGHT_RULES: AdmissionRules = openRules({
  parallelMax: PARALLEL_MAX,
  executorDefault: "scripted",
});

/** Short pauses, long patience. */
export const NIGHT_LIMITS: AttemptLimits = {
  timeoutMs: 600_000,
  projectTimeoutMs: () => null,
  stallMs: 600_000,
  retryRules: { backoffBaseMs: 40, backoffMaxMs: 200 },
};
