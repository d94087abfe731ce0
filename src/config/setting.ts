import type { z } from "zod";

/** A leaf with its default, as a person writes it, and its one line of explanation. */
export function setting<T>(
  kind: z.ZodType<T>,
  written: unknown,
  description: string,
): z.ZodPrefault<z.ZodType<T>> {
  return kind.prefault(written as never).describe(description);
}
