import { z } from "zod";
import type { OrderRules } from "../core/order.ts";
import { duration } from "./kinds.ts";
import { setting } from "./setting.ts";

type Weight = z.ZodPrefault<z.ZodType<number>>;

type OrderSection = z.ZodObject<
  { thought: Weight; generated: Weight; priority: Weight; deadline: Weight; turn: Weight },
  z.core.$strict
>;

/** In which order tasks start. All weights are bounded, so that every task comes to its turn. */
export const orderSection: OrderSection = z
  .strictObject({
    thought: setting(
      duration("0s", "30d"),
      "48h",
      "A thought counts as queued so much later than it was.",
    ),
    generated: setting(duration("0s", "30d"), "96h", "The same for a generated task."),
    priority: setting(
      duration("0s", "7d"),
      "12h",
      "High priority counts as queued so much earlier, low so much later.",
    ),
    deadline: setting(
      duration("0s", "30d"),
      "72h",
      "A task counts as queued no later than this before its deadline.",
    ),
    turn: setting(
      duration("0s", "1d"),
      "3h",
      "Each turn that its project is ahead of others puts a task back by this, four turns at most.",
    ),
  })
  .describe(
    "In which order tasks start: by the moment of queueing, moved by these; a place once got stays.",
  );

/** The weights in the words of core. */
export function orderFrom(data: z.output<OrderSection>): Omit<OrderRules, "weights"> {
  return {
    kindDelayMs: { serious: 0, thought: data.thought, generated: data.generated },
    priorityMs: data.priority,
    deadlineLeadMs: data.deadline,
    turnMs: data.turn,
  };
}
