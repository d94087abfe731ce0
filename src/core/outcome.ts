import type { FailureClass } from "./failure.ts";
import type { Instant, Question } from "./task.ts";

/**
 * Why an attempt was broken off through no fault of its own; never counts against the task.
 * `gave-way`: so that the person does not meet the limit of their provider.
 */
export type InterruptReason = "shutdown" | "lease-lost" | "daemon-died" | "gave-way";

/** How an attempt ended. A cancelled attempt is `failed` with class `cancelled`. */
export type Outcome =
  | { readonly type: "succeeded"; readonly summary: string }
  | {
      readonly type: "failed";
      readonly failure: FailureClass;
      readonly message: string;
      /** The vendor's own word on when to try again, if it gave one. */
      readonly retryAt: Instant | null;
    }
  | { readonly type: "interrupted"; readonly reason: InterruptReason }
  | {
      readonly type: "snoozed";
      readonly until: Instant;
      readonly failure: FailureClass;
      readonly message: string;
    }
  | { readonly type: "asked"; readonly question: Question };
