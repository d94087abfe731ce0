import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { homePath, userName } from "../../src/app/person.ts";

const BIN = join(import.meta.dirname, "..", "..", "src", "bin.ts");

interface Place extends AsyncDisposable {
  readonly home: string;
  /** Runs `sle` on this home; answers exit code, output and errors as one text. */
  readonly sle: (...words: readonly string[]) => Promise<string>;
}

/** A folder for a home that does not exist yet. */
async function place(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "sle-homes-"));
  const home = join(folder, "home");
  const { PATH = "", HOME = folder } = process.env;
  const env = { PATH, HOME, SLEEPLESS_HOME: home };
  return {
    home,
    sle: (...words) =>
      new Promise((resolve) => {
        execFile(process.execPath, [BIN, ...words], { env }, (error, out, err) => {
          resolve(`${error?.code ?? 0} ${out}${err}`.replaceAll(folder, "~"));
        });
      }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

test("a home that cannot be looked into is not taken for an empty one", async () => {
  await using at = await place();
  await symlink(at.home, at.home);
  const refused =
    "3 sle: ~/home/data/tasks.db cannot be looked at (ELOOP): let this user enter its folder, or choose another home.\n";
  expect(await at.sle("check")).toBe(refused);
  expect(await at.sle("cancel", "1")).toBe(refused);
});

test("a file in the way of the home is what the doctor finds", async () => {
  await using at = await place();
  await writeFile(at.home, "");
  expect(await at.sle("doctor")).toContain(
    "✗ home: ~/home is in the way: a folder is needed there\n  Move it aside or choose another home.\n",
  );
});

test("a folder in the place of the settings is refused in one sentence", async () => {
  await using at = await place();
  await mkdir(join(at.home, "config.yaml"), { recursive: true });
  const refused = "2 sle: ~/home/config.yaml: is not a file; move it aside.\n";
  expect(await at.sle("config", "set", "quota.threshold_day", "50%")).toBe(refused);
  expect(await at.sle("init", "--yes", "--force")).toBe(refused);
});

test("settings that are not sound are all named where they stand in the way", async () => {
  await using at = await place();
  await mkdir(at.home, { mode: 0o700 });
  await writeFile(join(at.home, "config.yaml"), "attempts:\n  timeot: 5m\nnonsense: 1\n");
  const lines = [
    "~/home/config.yaml:2: attempts.timeot: no such setting (did you mean attempts.timeout?)",
    "~/home/config.yaml:3: nonsense: no such setting",
  ];
  const refused = `2 ${lines.join("\n")}\nsle: The settings are not sound; correct the lines above.\n`;
  expect(await at.sle("daemon", "start")).toBe(refused);
  expect(await at.sle("config", "set", "quota.threshold_day", "50%")).toBe(refused);
  expect(await at.sle("init", "--yes")).toContain(`✗ settings: ${lines.join("; ")}\n`);
});

test("a user whom the system does not know has a number for a name, and must say where the home is", () => {
  const unknown = (): never => {
    throw new Error("uv_os_get_passwd returned ENOENT");
  };
  expect(userName({}, unknown, () => 4242)).toBe("user 4242");
  expect(userName({ USER: "ada" }, unknown, () => 4242)).toBe("ada");
  expect(homePath(null, { SLEEPLESS_HOME: "/night" }, unknown)).toBe("/night");
  expect(() => homePath(null, {}, unknown)).toThrow("set SLEEPLESS_HOME");
});
