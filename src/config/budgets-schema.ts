import { z } from "zod";
import type { Budget } from "../core/budget.ts";
import { budget } from "./kinds.ts";
import { setting } from "./setting.ts";

type Amount = z.ZodPrefault<z.ZodType<Budget | null>>;

type BudgetsSection = z.ZodObject<
  { attempt: Amount; task: Amount; project: Amount; night: Amount; day: Amount },
  z.core.$strict
>;

/** What tasks may cost. */
export const budgetsSection: BudgetsSection = z
  .strictObject({
    attempt: setting(
      budget().nullable(),
      null,
      "Most that one attempt may cost, such as 2usd, 300k tokens or both; null: no limit.",
    ),
    task: setting(
      budget().nullable(),
      null,
      "Most that all attempts of a task may cost that was queued without `--budget`.",
    ),
    project: setting(
      budget().nullable(),
      null,
      "Most that the tasks of a project may cost in a day, where `sle project set` gave it no budget.",
    ),
    night: setting(budget().nullable(), null, "Most that all tasks may cost in one night."),
    day: setting(
      budget().nullable(),
      null,
      "Most that all tasks may cost in one day, from midnight to midnight.",
    ),
  })
  .describe("What tasks may cost; tokens from the provider's cache count a tenth.");
