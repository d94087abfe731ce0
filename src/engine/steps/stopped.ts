import type { Outcome } from "../../core/outcome.ts";
import type { StopReason } from "../attempt.ts";

/** What an attempt came to that was told to end before it had ended by itself. */
export function stoppedOutcome(how: StopReason): Outcome {
  if (how !== "cancel") return { type: "interrupted", reason: how };
  const message = "A person cancelled it.";
  return { type: "failed", failure: "cancelled", message, retryAt: null };
}
