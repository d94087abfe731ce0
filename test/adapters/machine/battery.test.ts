import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBattery } from "../../../src/adapters/machine/battery.ts";
import { temporaryFolder } from "../support.ts";

type Supplies = Readonly<Record<string, Readonly<Record<string, string>>>>;

async function batteryOf(supplies: Supplies): Promise<unknown> {
  await using folder = await temporaryFolder();
  for (const [name, files] of Object.entries(supplies)) {
    await mkdir(join(folder.path, name));
    for (const [file, text] of Object.entries(files)) {
      await writeFile(join(folder.path, name, file), `${text}\n`);
    }
  }
  return readBattery(folder.path);
}

const BATTERY = { type: "Battery", capacity: "42", status: "Discharging" };

test("a battery that is drained tells its share", async () => {
  const mains = { type: "Mains", online: "0" };
  expect(await batteryOf({ AC: mains, BAT0: BATTERY })).toEqual({ share: 0.42, isPowered: false });
  const second = { ...BATTERY, capacity: "80", status: "Unknown" };
  expect(await batteryOf({ BAT0: BATTERY, BAT1: second })).toEqual({
    share: 0.8,
    isPowered: false,
  });
});

test("power from elsewhere is seen", async () => {
  const charging = { ...BATTERY, status: "Charging" };
  expect(await batteryOf({ BAT0: charging })).toEqual({ share: 0.42, isPowered: true });
  const usb = { type: "USB", online: "1" };
  expect(await batteryOf({ BAT0: BATTERY, USB: usb })).toEqual({ share: 0.42, isPowered: true });
});

test("a machine without a battery of its own has none", async () => {
  expect(await batteryOf({})).toBeNull();
  expect(await readBattery("/no/such/folder")).toBeNull();
  expect(await batteryOf({ AC: { type: "Mains", online: "1" } })).toBeNull();
  expect(await batteryOf({ mouse: { ...BATTERY, scope: "Device" } })).toBeNull();
  expect(await batteryOf({ BAT0: { ...BATTERY, capacity: "?" } })).toBeNull();
});
