import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cleanEnvironment } from "../../../src/adapters/process/environment.ts";
import { createLauncher } from "../../../src/adapters/process/launcher.ts";
import {
  registryFinder,
  type RegistryWish,
  TOOL_VARIABLES,
} from "../../../src/adapters/sandbox/registries/find.ts";
import type { RegistryKind } from "../../../src/adapters/sandbox/registries/registries.ts";
import { findProgram } from "../../../src/adapters/process/find-program.ts";
import { temporaryFolder } from "../support.ts";

const ADDRESS = "https://packages.example.org/npm/";

interface Person {
  readonly kind?: RegistryKind;
  readonly wish?: RegistryWish;
  /** Programs of the person's by name, as shell scripts; besides those of the system where none is given. */
  readonly tools?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Files of the home by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The registry that is found for such a person. */
async function found({ kind = "npm", wish = "auto", tools, env, files = {} }: Person) {
  await using folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder.path, name), text);
  for (const [name, script] of Object.entries(tools ?? {})) {
    await writeFile(join(folder.path, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder.path, name), 0o755);
  }
  const path = tools === undefined ? "/usr/bin:/bin" : folder.path;
  const source = { PATH: path, HOME: folder.path, ...env };
  const launcher = await createLauncher({ bwrap: "off", setpriv: "off" });
  const parts = { launcher, env: cleanEnvironment(source, TOOL_VARIABLES) };
  const find = registryFinder(kind, wish, parts);
  return find === undefined ? undefined : ((await find())?.href ?? null);
}

describe("the registry of a person", () => {
  it("is what their npm says, in no project's folder", async () => {
    const tools = { npm: `[ "$*" = "config get registry" ] && [ "$PWD" = / ] && echo ${ADDRESS}` };
    expect(await found({ tools })).toBe(ADDRESS);
  });

  it.each([
    ["is not there", {}],
    ["fails", { npm: `echo ${ADDRESS}; exit 1` }],
    ["says nothing of use", { npm: "echo undefined" }],
    ["says another kind of address", { npm: "echo file:///srv/packages" }],
  ])("is not known where their npm %s", async (_what, tools) => {
    expect(await found({ tools })).toBeNull();
  });

  it("is the one they wrote, or none", async () => {
    expect(await found({ wish: new URL(ADDRESS), tools: {} })).toBe(ADDRESS);
    expect(await found({ kind: "cargo", wish: new URL(ADDRESS), tools: {} })).toBe(ADDRESS);
    expect(await found({ wish: "off" })).toBeUndefined();
    expect(await found({ kind: "cargo" })).toBeUndefined();
  });
});

describe.skipIf(findProgram("npm", "/usr/bin:/bin") === null)("the real npm", () => {
  it("says what is written in the person's own file", async () => {
    expect(await found({ files: { ".npmrc": `registry=${ADDRESS}\n` } })).toBe(ADDRESS);
  });
});

describe.skipIf(findProgram("pip3", "/usr/bin:/bin") === null)("the real pip", () => {
  it("says what is written for it, in a variable, or in itself", async () => {
    const kind = "pip";
    const own = await found({ kind, env: { PIP_CONFIG_FILE: "/dev/null" } });
    expect(own).toMatch(/^https:\/\/[^/]+\/simple$/u);
    expect(await found({ kind, env: { PIP_INDEX_URL: ADDRESS } })).toBe(ADDRESS);
    await using folder = await temporaryFolder();
    const PIP_CONFIG_FILE = join(folder.path, "pip.conf");
    await writeFile(PIP_CONFIG_FILE, `[global]\nindex-url = ${ADDRESS}\n`);
    expect(await found({ kind, env: { PIP_CONFIG_FILE } })).toBe(ADDRESS);
  });
});
