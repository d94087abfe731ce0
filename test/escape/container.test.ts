import { tmpdir } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { createLauncher } from "../../src/adapters/process/launcher.ts";
import { openContainer } from "../../src/adapters/sandbox/container/open-container.ts";
import type { Launcher } from "../../src/ports/launcher.ts";
import { makeTestImage } from "../adapters/sandbox/container/image.ts";
import { playWith } from "./play-all.ts";
import { SUITE } from "./suite.ts";

const ALL_MS = 900_000;
const image = makeTestImage();
const works = !("missing" in image);
if (works) afterAll(() => image[Symbol.dispose]());

async function launcherWith(privateAllowed: readonly string[]): Promise<Launcher> {
  if (!works) throw new Error(image.missing);
  const { name, env } = image;
  const options = { engine: "podman", image: name, env, temporary: tmpdir() } as const;
  const opened = await openContainer({ ...options, privateAllowed });
  if (!opened.ok) throw new Error(opened.reason);
  return await createLauncher({ fences: { sandbox: opened.fence } });
}

/** What the daemon does with what was written, which it does in the sandbox at this level too. */
const BY_DAEMON: ReadonlySet<number> = new Set([207, 208, 209, 210, 211]);

/** Held in other words than the sandbox's: an act that no longer gets through must go from here. */
const OTHERWISE: Readonly<Record<number, string>> = {
  125: "of /sys the names of the control groups are left, to be read",
  310: "the first process has the engine's own variables, which say nothing",
  512: "the pipe by which this tree told that it begins lies there, with nobody at its end",
  616: "beside the way out lie files of the engine and of this tree itself",
};

describe.runIf(works)("the acts of the escape suite", () => {
  it(
    "do not get out of a container",
    async () => {
      const launchers = {
        open: await launcherWith(["127.0.0.1", "::1"]),
        strict: await launcherWith([]),
      };
      // What is taken of the machine and what stays behind has tests of its own, beside the engine's.
      const acts = SUITE.filter(({ number }) => number < 700 && !BY_DAEMON.has(number));
      const all = await playWith(launchers, acts, "sandbox");
      const broken = all.filter(({ verdict }) => verdict.outcome !== "held");
      const other = broken.filter(({ act }) => !(act.number in OTHERWISE));
      expect(other.map(({ act, verdict }) => `${act.number} ${act.name}: ${verdict.how}`)).toEqual(
        [],
      );
      const numbers = broken.map(({ act }) => String(act.number));
      expect(numbers).toEqual(expect.arrayContaining(Object.keys(OTHERWISE)));
    },
    ALL_MS,
  );
});
