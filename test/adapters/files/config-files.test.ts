import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import {
  CONFIG_FILE_BYTES_MAX,
  readConfigFiles,
  writeConfigFile,
} from "../../../src/adapters/files/config-files.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function setup(): string {
  const root = mkdtempSync(join(tmpdir(), "sle-config-"));
  folders.push(root);
  return root;
}

test("files are read in the order asked for; missing ones are no problem", () => {
  const root = setup();
  const [first, second] = [join(root, "a.yaml"), join(root, "b.yaml")];
  writeFileSync(second, "log:\n  level: debug # größer\n", { mode: 0o600 });
  writeFileSync(first, "", { mode: 0o600 });
  expect(readConfigFiles([second, join(root, "none.yaml"), join(first, "below"), first])).toEqual({
    files: [
      { path: second, text: "log:\n  level: debug # größer\n" },
      { path: first, text: "" },
    ],
    problems: [],
    warnings: [],
  });
});

test("every file that cannot be used is told, all at once", () => {
  const root = setup();
  const [folder, large, bytes] = [join(root, "folder"), join(root, "large"), join(root, "bytes")];
  mkdirSync(folder);
  writeFileSync(large, "#".repeat(CONFIG_FILE_BYTES_MAX + 1));
  writeFileSync(bytes, Buffer.from([0x61, 0xff]));
  expect(readConfigFiles([folder, large, bytes])).toEqual({
    files: [],
    problems: [
      `${folder}: is not a file; move it aside.`,
      `${large}: is larger than 1048576 bytes; that is no configuration.`,
      `${bytes}: is not UTF-8 text; save it as UTF-8.`,
    ],
    warnings: [],
  });
});

test("a file that others can change works, with a warning", () => {
  const path = join(setup(), "config.yaml");
  writeFileSync(path, "");
  chmodSync(path, 0o664);
  expect(readConfigFiles([path])).toEqual({
    files: [{ path, text: "" }],
    problems: [],
    warnings: [`${path}: other people can change this file; run \`chmod go-w ${path}\`.`],
  });
});

test("writing keeps the mode and follows a link to the file it stands for", async () => {
  const root = setup();
  const [real, link] = [join(root, "real.yaml"), join(root, "config.yaml")];
  await writeConfigFile(real, "first\n");
  expect(statSync(real).mode & 0o777).toBe(0o600);
  chmodSync(real, 0o640);
  symlinkSync(real, link);
  await writeConfigFile(link, "second\n");
  expect([readFileSync(real, "utf8"), lstatSync(link).isSymbolicLink()]).toEqual([
    "second\n",
    true,
  ]);
  expect(statSync(real).mode & 0o777).toBe(0o640);
});
