import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Battery } from "../../core/hold.ts";

/** Where Linux tells of what gives a machine power. */
export const POWER_SUPPLIES = "/sys/class/power_supply";

/**
 * The fullest battery of the machine itself, not of a mouse or pen, below a folder of Linux; null
 * where there is none or it does not tell.
 */
export async function readBattery(folder: string): Promise<Battery | null> {
  const names = await readdir(folder).catch(() => []);
  const supplies = await Promise.all(names.map((name) => readSupply(join(folder, name))));
  const own = supplies.filter(({ type, scope }) => type === "Battery" && scope !== "Device");
  const shares = own.map(({ capacity }) => Number.parseInt(capacity, 10) / 100);
  const known = shares.filter((share) => share >= 0 && share <= 1);
  if (known.length === 0) return null;
  const isOnline = supplies.some(({ type, online }) => type !== "Battery" && online === "1");
  const isDraining = own.some(({ status }) => status === "Discharging");
  return { share: Math.max(...known), isPowered: isOnline || !isDraining };
}

const FILES = ["type", "scope", "capacity", "status", "online"] as const;

async function readSupply(
  folder: string,
): Promise<Readonly<Record<(typeof FILES)[number], string>>> {
  const texts = await Promise.all(
    FILES.map(async (name) => {
      const text = await readFile(join(folder, name), "utf8").catch(() => "");
      return [name, text.trim()] as const;
    }),
  );
  return Object.fromEntries(texts) as Record<(typeof FILES)[number], string>;
}
