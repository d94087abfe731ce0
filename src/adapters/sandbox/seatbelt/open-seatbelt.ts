import { isAlive } from "../../process/is-alive.ts";
import { createLauncher } from "../../process/launcher.ts";
import { runShort } from "../../process/run-short.ts";
import { INSIDE, NOTHING } from "../fence.ts";
import type { Sandbox } from "../open-sandbox.ts";
import { makeMeasure } from "../limits/measure.ts";
import { runFolderPlace } from "../passable.ts";
import { makeRunFolder } from "../run-folder.ts";
import { makeSeatbelt } from "./seatbelt.ts";

/** What Seatbelt is opened with. */
export interface SeatbeltOptions {
  /** Folder for the files of this process. */
  readonly temporary: string;
  readonly privateAllowed?: readonly string[];
  /** Another program in tests. */
  readonly program?: string;
  readonly isRoot?: boolean;
}

const SANDBOX_EXEC = "/usr/bin/sandbox-exec";
const PROBE_TIMEOUT_MS = 10_000;

/** Looks whether this Mac takes our profile, by running `true` behind it. */
export async function openSeatbelt(options: SeatbeltOptions): Promise<Sandbox> {
  if (options.isRoot ?? process.getuid?.() === 0) return AS_ROOT;
  const folder = makeRunFolder({
    temporary: runFolderPlace(options.temporary),
    pid: process.pid,
    isAlive,
    filter: Buffer.alloc(0),
    etc: INSIDE,
  });
  const fence = makeSeatbelt({
    program: options.program ?? SANDBOX_EXEC,
    run: folder,
    measure: makeMeasure(null, false),
    nodeExecutable: process.execPath,
    privateAllowed: options.privateAllowed ?? [],
  });
  const launcher = await createLauncher({
    bwrap: "off",
    setpriv: "off",
    fences: { sandbox: fence },
  });
  const spec = { command: "/bin/sh", args: ["-c", ":"], cwd: "/", env: {}, confinement: NOTHING };
  const { code, stderr } = await runShort(launcher, spec, PROBE_TIMEOUT_MS);
  if (code === 0) {
    process.once("exit", () => folder[Symbol.dispose]());
    return { ok: true, fence, missing: MISSING };
  }
  folder[Symbol.dispose]();
  const words = stderr.trim().split("\n").at(-1) || `it ended with ${code ?? "a signal"}`;
  return { ok: false, reason: `sandbox-exec does not work here: ${words}.`, advice: WITHOUT };
}

const MISSING = [
  "a test of it on a Mac",
  "processes and a loopback of its own",
  "an end with a daemon that is killed",
  "limits on memory, processes and processor time",
];

const WITHOUT = "Write `isolation: { level: process }` into the configuration to work without one.";

const AS_ROOT: Sandbox = {
  ok: false,
  reason: "There is no sandbox for a daemon that is root on a Mac.",
  advice: "Run it as an ordinary user.",
};
