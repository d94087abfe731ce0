import type { Instant } from "./task.ts";

/** An instant as ISO 8601 in UTC without milliseconds, the form in which reasons name times. */
export function iso(at: Instant): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime())
    ? "an unknown time"
    : date.toISOString().replace(/\.\d+Z$/u, "Z");
}
