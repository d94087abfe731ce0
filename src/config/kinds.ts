import { z } from "zod";
import type { Budget } from "../core/budget.ts";
import { parseBudget } from "../core/budget-text.ts";
import { parseDuration } from "../core/duration.ts";
import { checkProjectName } from "../core/project-name.ts";
import type { WeeklySpan } from "../core/hours.ts";
import type { Reserve } from "../core/quota.ts";
import { reserveIn, shareOfPercent, sizeBytes, weeklySpan } from "./quantities.ts";

/** Longest text that a setting may hold. */
const TEXT_LENGTH_MAX = 4096;
/** Most entries in a list. */
const LIST_LENGTH_MAX = 200;

/** A whole number within bounds. */
export function count(min: number, max: number): z.ZodType<number> {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** What something may cost, in US dollars, tokens or both. */
export function budget(): z.ZodType<Budget> {
  const error = "must be a budget with its unit, such as 2usd, 300k tokens or 2usd, 300k tokens";
  return parsedBy((text) => {
    const read = parseBudget(text);
    return read.ok ? read.value : null;
  }, error);
}

/** So many processors, or a part of one. */
export function processors(): z.ZodType<number> {
  const error = "must be a number of processors from 0.1 to 1024";
  return z.number({ error }).min(0.1, { error }).max(1024, { error });
}

/** How many turns a project gets for one of another. */
export function turnWeight(): z.ZodType<number> {
  const error = "must be a number from 0.25 to 100";
  return z.number({ error }).min(0.25, { error }).max(100, { error });
}

/** One of a few words. */
export function oneOf<const T extends readonly string[]>(words: T): z.ZodType<T[number]> {
  return z.enum(words, { error: `must be one of ${words.join(", ")}` });
}

/** The name of a container image, such as registry.example.org/tools:1; never an option of a program. */
export function imageName(): z.ZodType<string> {
  const error = "must be the name of an image, such as my-tools:1";
  return z
    .string({ error })
    .max(TEXT_LENGTH_MAX, { error })
    .regex(/^[a-z0-9][\w.\-/:@]*$/iu, { error });
}

/** A duration with units; gives milliseconds. */
export function duration(min: string, max: string): z.ZodType<number> {
  const error = `must be a duration from ${min} to ${max}, written with its unit, such as 90s or 2h30m`;
  return measured(durationMs, error, durationMs(min) ?? 0, durationMs(max) ?? 0);
}

/** A size with units; gives bytes. */
export function size(min: string, max: string): z.ZodType<number> {
  const error = `must be a size from ${min} to ${max}, written with its unit, such as 512MiB or 2GB`;
  return measured(sizeBytes, error, sizeBytes(min) ?? 0, sizeBytes(max) ?? 0);
}

/** Nights of the week; a single one need not be in a list. */
export function nights(): z.ZodType<WeeklySpan[]> {
  const error = "must be a stretch of hours, such as 22:00-07:00 or sat, sun 00:00-24:00";
  return oneOrMore(parsedBy(weeklySpan, error), "stretches of hours");
}

/** Shares that are to be free at a time; a single one need not be in a list. */
export function reserves(): z.ZodType<Reserve[]> {
  const error = "must be a share and a time, such as 30% by 08:00 or 50% by mon-fri 08:30";
  return oneOrMore(parsedBy(reserveIn, error), "shares with a time");
}

function parsedBy<T>(parse: (text: string) => T | null, error: string): z.ZodType<T> {
  return z.string({ error }).transform((text, context) => {
    const parsed = parse(text);
    if (parsed !== null) return parsed;
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });
}

function oneOrMore<T>(entry: z.ZodType<T>, what: string): z.ZodType<T[]> {
  return z.preprocess(
    (value) => (typeof value === "string" ? [value] : value),
    listOf(entry, what),
  ) as z.ZodType<T[]>;
}

/** A share as a number from 0 to 1 or a percentage; gives the number. */
export function share(): z.ZodType<number> {
  const error = "must be a share, such as 80% or 0.8, from 0 to 1";
  const number = z.number({ error }).min(0, { error }).max(1, { error });
  return z.union([number, measured(shareOfPercent, error, 0, 1)], { error });
}

/** An IANA time zone, or `system` for the one of this machine. */
export function timeZone(): z.ZodType<string> {
  const error = "must be a time zone such as Europe/Berlin, or system";
  return z.string({ error }).refine((text) => text === "system" || isTimeZone(text), { error });
}

/** One line of plain text. */
export function line(what: string): z.ZodType<string> {
  const error = `must be ${what}: one line of text`;
  return z.string({ error }).refine(isPlainLine, { error });
}

/** A path from the root, on one line. */
export function absolutePath(): z.ZodType<string> {
  const error = "must be an absolute path";
  return z.string({ error }).refine((text) => text.startsWith("/") && isPlainLine(text), { error });
}

/** A list of entries of one kind. */
export function listOf<T>(entry: z.ZodType<T>, what: string, min = 0): z.ZodType<T[]> {
  const error = `must be a list of ${what}${min > 0 ? " that is not empty" : ""}`;
  return z.array(entry, { error }).min(min, { error }).max(LIST_LENGTH_MAX, { error });
}

/** The name of an environment variable; never its value. */
export function variableName(): z.ZodType<string> {
  const error = "must be the name of an environment variable, such as HTTPS_PROXY, without a value";
  return z.string({ error }).regex(/^[A-Za-z_]\w{0,254}$/u, { error });
}

/** The name that a project was added under. */
export function projectName(): z.ZodType<string> {
  const error = "must be the name of a project, such as backend";
  return z.string({ error }).refine((name) => checkProjectName(name).ok, { error });
}

/** A host with the port that may be reached there, 443 when none is written. */
export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** A name of a host, or `*.` before one for all below it, with a port when it is not 443. */
export function hostRule(): z.ZodType<HostAndPort> {
  const error = "must be a host such as git.example.org, *.example.org or git.example.org:8443";
  return z.string({ error }).transform((text, context) => {
    const [, host = "", port = "443"] = HOST_RULE.exec(text.trim().toLowerCase()) ?? [];
    if (host !== "" && Number(port) >= 1 && Number(port) <= 65_535) {
      return { host, port: Number(port) };
    }
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });
}

/** A registry of packages: `auto` as the person's own tool has it, none, or this address. */
export type RegistryWish = "auto" | "off" | URL;

/** The address of a registry, or one of two words. */
export function registry(): z.ZodType<RegistryWish> {
  const error =
    "must be auto, off or an address without a password, such as https://packages.example.org/npm/";
  return z.string({ error }).transform((text, context) => {
    if (text === "auto" || text === "off") return text;
    const url = URL.parse(text);
    const isPlain = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === "";
    if (isPlain && /^https?:$/u.test(url.protocol)) return url;
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });
}

/** The last label has a letter, so that no address passes for a name. */
const HOST_RULE =
  /^((?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)(?::(\d{1,5}))?$/u;

function durationMs(text: string): number | null {
  const parsed = parseDuration(text);
  return parsed.ok ? parsed.value : null;
}

function measured(
  read: (text: string) => number | null,
  error: string,
  min: number,
  max: number,
): z.ZodType<number> {
  return z.string({ error }).transform((text, context) => {
    const value = read(text.trim());
    if (value !== null && value >= min && value <= max) return value;
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });
}

function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).format(0) !== "";
  } catch {
    return false;
  }
}

function isPlainLine(text: string): boolean {
  return text.trim() !== "" && text.length <= TEXT_LENGTH_MAX && !/\p{Cc}/u.test(text);
}
