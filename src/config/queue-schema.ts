import { z } from "zod";
import type { QueueLimits } from "../core/queue.ts";
import { type Source, SOURCES } from "../core/task.ts";
import { count, oneOf } from "./kinds.ts";
import { setting } from "./setting.ts";

const TASKS_MAX = 10_000_000;

type QueueSection = z.ZodObject<
  {
    max: z.ZodPrefault<z.ZodType<number>>;
    max_per_source: z.ZodPrefault<z.ZodType<number>>;
    sources: z.ZodPrefault<z.ZodType<Partial<Record<Source, number>>>>;
  },
  z.core.$strict
>;

/** How many tasks may be queued. */
export const queueSection: QueueSection = z
  .strictObject({
    max: setting(count(1, TASKS_MAX), 50_000, "Most tasks that may be queued at once."),
    max_per_source: setting(
      count(1, TASKS_MAX),
      20_000,
      "Most of them that may come by one way in, such as cli or webhook.",
    ),
    sources: setting(
      z.partialRecord(
        oneOf(SOURCES) as z.ZodType<Source> & z.core.$ZodRecordKey,
        count(1, TASKS_MAX),
        {
          error: "must be a map of ways in to numbers, such as { webhook: 100 }",
        },
      ),
      {},
      "Other bounds for single ways in, such as `webhook: 100`.",
    ),
  })
  .describe("How many tasks may be queued; a full queue refuses, and generated tasks give way.");

/** The limits in the words of core. */
export function queueFrom(data: z.output<QueueSection>): QueueLimits {
  return { max: data.max, maxPerSource: data.max_per_source, sources: data.sources };
}
