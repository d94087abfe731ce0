import { z } from "zod";
import { SETTINGS_SCHEMA } from "./schema.ts";

/** One setting as a person writes it. */
export interface SettingInfo {
  /** Dotted, in snake case: `attempts.parallel_max`. */
  readonly key: string;
  readonly description: string;
  /** As it would be written in a file. */
  readonly byDefault: unknown;
}

/** A part of the file with its settings and parts below it. */
export interface SectionInfo {
  readonly key: string;
  readonly description: string;
  readonly entries: readonly (SettingInfo | SectionInfo)[];
}

/** Every setting there is, in the order of the file. */
export function settingInfos(): readonly SettingInfo[] {
  return leavesOf(settingsTree());
}

/** The whole file: sections with settings, in order. */
export function settingsTree(): SectionInfo {
  return sectionOf("", "", SETTINGS_SCHEMA);
}

/** What stands at a path: a section, a map with free names, a value, or nothing that is known. */
export function kindAt(path: readonly string[]): "section" | "names" | "value" | "unknown" {
  const schema = schemaAt(path);
  if (schema === undefined) return "unknown";
  if (schema instanceof z.ZodObject) return "section";
  return schema instanceof z.ZodRecord ? "names" : "value";
}

/** True when `value` could be the value of the setting at `path`. */
export function fitsAt(path: readonly string[], value: unknown): boolean {
  const schema = schemaAt(path);
  return schema !== undefined && schema instanceof z.ZodType && schema.safeParse(value).success;
}

function schemaAt(path: readonly string[]): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = SETTINGS_SCHEMA;
  for (const name of path) {
    const shape: z.core.$ZodShape = schema instanceof z.ZodObject ? schema.shape : {};
    const below = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (below === undefined) return undefined;
    schema = withoutDefault(below);
  }
  return schema;
}

function sectionOf(key: string, description: string, schema: z.ZodObject): SectionInfo {
  const entries = Object.entries(schema.shape).map(([name, entry]) => {
    const entryKey = key === "" ? name : `${key}.${name}`;
    const inner = withoutDefault(entry);
    const told = describe(entry) || describe(inner);
    if (inner instanceof z.ZodObject) return sectionOf(entryKey, told, inner);
    const byDefault = entry instanceof z.ZodPrefault ? entry.def.defaultValue : undefined;
    return { key: entryKey, description: told, byDefault };
  });
  return { key, description, entries };
}

function leavesOf(section: SectionInfo): readonly SettingInfo[] {
  return section.entries.flatMap((entry) => ("entries" in entry ? leavesOf(entry) : [entry]));
}

function withoutDefault(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodPrefault ? withoutDefault(schema.unwrap()) : schema;
}

function describe(schema: z.core.$ZodType): string {
  return (schema instanceof z.ZodType ? schema.description : undefined) ?? "";
}
