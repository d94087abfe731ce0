import { z } from "zod";
import type { HoursRules, WeeklySpan } from "../core/hours.ts";
import { CARE_OF, HOLD_BACK, type HoldBack, type QuotaRules, type Reserve } from "../core/quota.ts";
import { TASK_KINDS, type TaskKind } from "../core/task.ts";
import { listOf, nights, oneOf, reserves, share, timeZone } from "./kinds.ts";
import { setting } from "./setting.ts";

function taskKinds(): z.ZodType<TaskKind[]> {
  return listOf(oneOf(TASK_KINDS), "kinds of tasks");
}

type HoursSection = z.ZodObject<
  {
    time_zone: z.ZodPrefault<z.ZodType<string>>;
    night: z.ZodPrefault<z.ZodType<WeeklySpan[]>>;
    kinds_by_day: z.ZodPrefault<z.ZodType<TaskKind[]>>;
    kinds_by_night: z.ZodPrefault<z.ZodType<TaskKind[]>>;
  },
  z.core.$strict
>;

/** When it is night, and what may start then. */
export const hoursSection: HoursSection = z
  .strictObject({
    time_zone: setting(
      timeZone(),
      "system",
      "Zone of the times below, such as Europe/Berlin; `system` is the machine's own.",
    ),
    night: setting(
      nights(),
      ["22:00-07:00"],
      "When it is night, such as [mon-fri 22:00-07:00, sat 13:00-24:00]; a day is the one on which it begins.",
    ),
    kinds_by_day: setting(
      taskKinds(),
      [...TASK_KINDS],
      "Kinds of tasks that may start by day; none: tasks start at night only.",
    ),
    kinds_by_night: setting(
      taskKinds(),
      [...TASK_KINDS],
      "Kinds of tasks that may start by night.",
    ),
  })
  .describe("When it is night, and what may start then.");

type WrittenThresholds = { readonly day?: number | undefined; readonly night?: number | undefined };

const windowThresholds: z.ZodType<WrittenThresholds> = z.strictObject(
  { day: share().optional(), night: share().optional() },
  { error: "must have `day` or `night`" },
);

function windowName(): z.ZodType<string> {
  const error = "must be the name of a window, such as seven_day or claude/seven_day";
  return z.string({ error }).regex(/^[\w.-]{1,64}(?:\/[\w.-]{1,64})?$/u, { error });
}

type QuotaSection = z.ZodObject<
  {
    threshold_day: z.ZodPrefault<z.ZodType<number>>;
    threshold_night: z.ZodPrefault<z.ZodType<number>>;
    threshold_week: z.ZodPrefault<z.ZodType<number>>;
    hold_back: z.ZodPrefault<z.ZodType<HoldBack>>;
    alerts: z.ZodPrefault<z.ZodType<number[]>>;
    windows: z.ZodPrefault<z.ZodType<Record<string, WrittenThresholds>>>;
    reserve: z.ZodPrefault<z.ZodType<Reserve[]>>;
  },
  z.core.$strict
>;

/** How much of the provider's usage limit tasks may use. */
export const quotaSection: QuotaSection = z
  .strictObject({
    threshold_day: setting(
      share(),
      "20%",
      "By day no task starts once this share of a usage window is used; the rest is yours.",
    ),
    threshold_night: setting(share(), "80%", "The same by night."),
    threshold_week: setting(
      share(),
      "97%",
      "The same for windows of more than a day, whatever the hour.",
    ),
    hold_back: setting(
      oneOf(HOLD_BACK),
      "careful",
      "How surely what you are expected to need of a window, as learned from your use, is left to you.",
    ),
    alerts: setting(
      listOf(share(), "shares"),
      ["80%", "95%"],
      "When a window is used so far, it is told once.",
    ),
    windows: setting(
      z.record(windowName(), windowThresholds, { error: "must be a map of windows to thresholds" }),
      {},
      "Other thresholds for single windows, such as `seven_day: { day: 50%, night: 90% }`; `sle usage` names them.",
    ),
    reserve: setting(
      reserves(),
      [],
      "What is to be free for you, such as [30% by mon-fri 08:00], of every window of hours that is still the same by then.",
    ),
  })
  .describe("How much of the provider's usage limit tasks may use.");

/** The rules of hours in the words of core. */
export function hoursFrom(data: z.output<HoursSection>, systemTimeZone: string): HoursRules {
  const { time_zone: zone, night, kinds_by_day: kindsByDay, kinds_by_night: kindsByNight } = data;
  return {
    timeZone: zone === "system" ? systemTimeZone : zone,
    nights: night,
    kindsByDay,
    kindsByNight,
  };
}

/** The rules of quota in the words of core. */
export function quotaFrom(data: z.output<QuotaSection>): QuotaRules {
  const { threshold_day: day, threshold_night: night, threshold_week: week } = data;
  const windows = Object.entries(data.windows).map(([name, each]) => {
    const given = Object.entries(each).filter(([, value]) => value !== undefined);
    return [name, Object.fromEntries(given)] as const;
  });
  const { reserve, alerts } = data;
  const care = CARE_OF[data.hold_back];
  return {
    day,
    night,
    week,
    windows: Object.fromEntries(windows),
    reserves: reserve,
    alerts,
    care,
  };
}
