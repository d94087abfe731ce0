import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { randomInt } from "node:crypto";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Confinement, LaunchSpec } from "../../../ports/launcher.ts";
import { MARK_VARIABLE } from "../../process/tree.ts";
import type { Wrapped, Wrapper } from "../../process/wrapper.ts";
import { INSIDE, NOTHING } from "../fence.ts";
import { networkEnvironment } from "../inside.ts";
import { placesOf } from "../places.ts";
import type { RunFolder } from "../run-folder.ts";
import { keepLimits } from "../limits/keep-limits.ts";
import type { Measure } from "../limits/measure.ts";
import { nodePlaces } from "../system-places.ts";
import { openWayOut, type WayOut } from "../way-out.ts";
import { bridging } from "./bridging.ts";
import { seatbeltProfile } from "./profile.ts";

/** What fences are made with on a Mac. */
export interface SeatbeltParts {
  /** Absolute path of sandbox-exec. */
  readonly program: string;
  readonly run: RunFolder;
  readonly measure: Measure;
  readonly nodeExecutable: string;
  readonly privateAllowed: readonly string[];
}

/** Puts every tree behind a profile of Seatbelt. Not tried on a Mac yet. */
export function makeSeatbelt(parts: SeatbeltParts): Wrapper {
  return {
    pidNamespace: false,
    detail: `sandbox through ${parts.program}, which nobody has verified on a Mac yet`,
    wrap: (spec) => wrap(parts, spec, spec.confinement ?? NOTHING),
  };
}

/** Ports that no service is likely to have; one that is taken makes the start fail, never go elsewhere. */
const PORT_MIN = 20_000;
const PORT_MAX = 48_000;

function wrap(parts: SeatbeltParts, spec: LaunchSpec, confinement: Confinement): Wrapped {
  const way = openWayOut({ ...parts, isRoot: false }, spec, confinement);
  const own = parts.run.freshPath();
  const keeper = keepLimits({ ...parts, spec, confinement, groups: null, group: null });
  const release = (): void => {
    keeper.onEnd();
    way?.close();
    void rm(own, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  };
  try {
    mkdirSync(own, { mode: 0o700 });
    for (const name of ["home", "tmp"]) mkdirSync(join(own, name));
    const command = seatbeltCommand(parts, spec, confinement, { way, own });
    return { ...command, onStart: keeper.onStart, onEnd: release };
  } catch (error) {
    // Nothing starts, so nothing will end.
    release();
    throw error;
  }
}

function seatbeltCommand(
  parts: SeatbeltParts,
  spec: LaunchSpec,
  confinement: Confinement,
  { way, own }: { readonly way: WayOut | null; readonly own: string },
): Wrapped {
  const { writable, given } = placesOf(spec, confinement);
  const port = randomInt(PORT_MIN, PORT_MAX);
  const node = realpathSync(parts.nodeExecutable);
  const place = realpathSync(own);
  const profile = seatbeltProfile({
    writable: writable.map((path) => realpathSync(path)),
    readable: [
      ...given.filter(existsSync).map((path) => realpathSync(path)),
      ...nodePlaces(node).readable.map(({ from }) => from),
    ],
    own: place,
    closed: ["/Users", "/Volumes", realpathSync(homedir())],
    wayOut: way === null ? null : { socket: realpathSync(way.socket), port },
  });
  const words = bridging({
    wayOut: way === null ? null : { socket: realpathSync(way.socket), port },
    node,
    ready: join(place, "ready"),
    limits: confinement.limits,
    command: [spec.command, ...spec.args],
  });
  return {
    command: parts.program,
    args: ["-p", profile, ...words],
    env: environment(spec, way === null ? null : port, node, place),
  };
}

function environment(
  spec: LaunchSpec,
  port: number | null,
  node: string,
  own: string,
): Readonly<Record<string, string>> {
  return {
    ...spec.confinement?.env,
    ...spec.env,
    ...(port === null ? {} : networkEnvironment(port)),
    PATH: `${dirname(node)}:/usr/local/bin:/opt/homebrew/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    HOME: join(own, "home"),
    TMPDIR: join(own, "tmp"),
    USER: INSIDE.userName,
    [MARK_VARIABLE]: spec.mark,
  };
}
