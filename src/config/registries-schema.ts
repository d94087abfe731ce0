import { z } from "zod";
import { registry, type RegistryWish, size } from "./kinds.ts";
import { setting } from "./setting.ts";
import type { RegistrySettings } from "./settings.ts";

type RegistriesSection = z.ZodObject<
  Record<"npm" | "pip" | "cargo", z.ZodPrefault<z.ZodType<RegistryWish>>> & {
    cache: z.ZodPrefault<z.ZodType<number>>;
  },
  z.core.$strict
>;

/** Where packages come from. */
export const registriesSection: RegistriesSection = z
  .strictObject({
    npm: setting(registry(), "auto", "For npm; auto is what `npm config get registry` says."),
    pip: setting(registry(), "auto", "For pip; auto is the index that your pip would ask."),
    cargo: setting(
      registry(),
      "off",
      "For cargo, the address of a sparse index; it cannot be asked for its own.",
    ),
    cache: setting(
      size("1MiB", "100TiB"),
      "5GiB",
      "Most disk for packages that were downloaded once and serve all tasks.",
    ),
  })
  .describe(
    "Registries that agents in the sandbox may read packages from: auto, off or an address.",
  );

/** The settings in their own units. */
export function registriesFrom(data: z.output<RegistriesSection>): RegistrySettings {
  const { cache: cacheBytesMax, ...wishes } = data;
  return { ...wishes, cacheBytesMax };
}
