import { expect, it, test } from "vitest";
import { openCron } from "../../../src/adapters/cron/cron.ts";

/** The first `count` times after `from`, in UTC. */
function times(cron: string, timeZone: string, from: string, count: number): readonly string[] {
  const read = openCron().read(cron, timeZone);
  if (!read.ok) throw new Error(read.message);
  const found: string[] = [];
  let at: number | null = Date.parse(from);
  while (found.length < count) {
    at = read.value(at);
    if (at === null) break;
    found.push(new Date(at).toISOString().replace(":00.000Z", "Z"));
  }
  return found;
}

const BERLIN = "Europe/Berlin";
/** 02:00 to 03:00 does not come on 28 March 2027, and comes twice on 31 October. */
const SPRING = "2027-03-27T12:00Z";
const AUTUMN = "2027-10-30T12:00Z";

it.each([
  ["0 2 * * 1-5", "UTC", "2026-11-27T02:00Z", ["2026-11-30T02:00Z", "2026-12-01T02:00Z"]],
  [
    "  0   2 * * *  ",
    "UTC",
    "2026-11-27T01:59:59.999Z",
    ["2026-11-27T02:00Z", "2026-11-28T02:00Z"],
  ],
  ["@daily", BERLIN, "2026-11-27T12:00Z", ["2026-11-27T23:00Z", "2026-11-28T23:00Z"]],
  ["0 0 29 2 *", "UTC", "2026-11-27T12:00Z", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]],
  ["0 0 29 2 *", "UTC", "2096-03-01T00:00Z", ["2104-02-29T00:00Z"]],
  ["0 9 L * *", "UTC", "2027-01-31T09:00Z", ["2027-02-28T09:00Z"]],
  ["0 9 * * fri#2", "UTC", "2026-11-27T12:00Z", ["2026-12-11T09:00Z"]],
])("%s in %s after %s", (cron, timeZone, from, expected) => {
  expect(times(cron, timeZone, from, expected.length)).toEqual(expected);
});

it.each([
  // A time of day that does not come is the moment after the skip, two of them are one.
  ["30 2 * * *", SPRING, ["2027-03-28T01:00Z", "2027-03-29T00:30Z"]],
  ["0,30 2 * * *", SPRING, ["2027-03-28T01:00Z", "2027-03-29T00:00Z", "2027-03-29T00:30Z"]],
  ["0 2-3 * * *", SPRING, ["2027-03-28T01:00Z", "2027-03-29T00:00Z"]],
  // What comes every so often goes on by the clock: of an hour that does not come there is none.
  ["0 0-23/1 * * *", "2027-03-28T00:00Z", ["2027-03-28T01:00Z", "2027-03-28T02:00Z"]],
  ["*/30 2 * * *", SPRING, ["2027-03-29T00:00Z", "2027-03-29T00:30Z"]],
  // A time of day that comes twice is the first.
  ["30 2 * * *", AUTUMN, ["2027-10-31T00:30Z", "2027-11-01T01:30Z"]],
  ["0,30 2 * * *", AUTUMN, ["2027-10-31T00:00Z", "2027-10-31T00:30Z", "2027-11-01T01:00Z"]],
  ["0 2-3 * * *", AUTUMN, ["2027-10-31T00:00Z", "2027-10-31T02:00Z", "2027-11-01T01:00Z"]],
  ["*/30 2 * * *", AUTUMN, ["2027-10-31T00:00Z", "2027-10-31T00:30Z", "2027-10-31T01:00Z"]],
  [
    "0 * * * *",
    "2027-10-30T23:30Z",
    ["2027-10-31T00:00Z", "2027-10-31T01:00Z", "2027-10-31T02:00Z"],
  ],
])("%s where the clocks change, after %s", (cron, from, expected) => {
  expect(times(cron, BERLIN, from, expected.length)).toEqual(expected);
});

test("each time is later than the one before, from wherever one looks, around every change", () => {
  const zones = [BERLIN, "Australia/Lord_Howe", "America/Havana", "Pacific/Apia", "Asia/Kathmandu"];
  for (const zone of zones) {
    for (const cron of ["30 2 * * *", "15 0,1,2 * * *", "*/20 * * * *", "59 23 * * *"]) {
      for (const from of [SPRING, AUTUMN, "2027-04-03T12:00Z", "2027-10-02T12:00Z"]) {
        const found = times(cron, zone, from, 200).map((each) => Date.parse(each));
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
        expect(found.every((each) => each % 60_000 === 0)).toBe(true);
        const middle = new Date((found[50] ?? 0) - 1).toISOString();
        expect(times(cron, zone, middle, 100).map((each) => Date.parse(each))).toEqual(
          found.slice(50, 150),
        );
      }
    }
  }
});

it.each([
  ["0 0 30 2 *", "names a day that no year has"],
  ["0 0 31 4,6,9,11 *", "names a day that no year has"],
  ["", "has 0 fields and needs 5 (minute, hour, day, month, day of the week)"],
  ["0 2 * *", "has 4 fields and needs 5 (minute, hour, day, month, day of the week)"],
  ["0 0 2 * * *", "has 6 fields and needs 5 (minute, hour, day, month, day of the week)"],
  ["2027-01-01T00:00:00", "has 1 field and needs 5 (minute, hour, day, month, day of the week)"],
  ["61 2 * * *", "cannot be read (Invalid value for minute: 61)"],
  ["0 2 * * 8", "cannot be read (Invalid value for dayOfWeek: 8)"],
  ["a b c d e", "cannot be read (configuration entry 1 (a) contains illegal characters)"],
  ["? 2 * * *", "may not have a question mark"],
  ["@reboot", "is no word for a time (@hourly, @daily, @weekly, @monthly and @yearly are known)"],
  [`0 ${"2,".repeat(200)}2 * * *`, "is longer than 200 characters"],
])("%j is refused in one sentence", (cron, problem) => {
  const read = openCron().read(cron, "UTC");
  const message = read.ok ? "" : read.message;
  expect(message).toContain(problem);
  expect(message).toMatch(
    /; write for example "0 2 \* \* 1-5" for 02:00 from Monday to Friday\.$/u,
  );
});

it.each(["Mars/Phobos", "", "\u001b[2JEurope/Berlin"])("there is no time zone %j", (timeZone) => {
  const read = openCron().read("0 2 * * *", timeZone);
  expect(read).toMatchObject({ ok: false });
  const message = read.ok ? "" : read.message;
  expect(message).toMatch(
    /^There is no time zone ".*"; write for example Europe\/Berlin or UTC\.$/u,
  );
  expect(message).not.toContain("\u001b");
});
