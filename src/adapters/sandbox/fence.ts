import { existsSync } from "node:fs";
import type { Confinement, LaunchSpec } from "../../ports/launcher.ts";
import { MARK_VARIABLE } from "../process/tree.ts";
import type { Wrapped, Wrapper } from "../process/wrapper.ts";
import { bwrapArgs, type Mount, type View } from "./bwrap-args.ts";
import type { Group, Groups } from "./limits/cgroups.ts";
import { keepLimits } from "./limits/keep-limits.ts";
import type { Measure } from "./limits/measure.ts";
import { limitWords, pinningWords } from "./limits/limit-words.ts";
import { BRIDGE, EGRESS_SOCKET, insideCommand, networkEnvironment, PROXY_PORT } from "./inside.ts";
import { placesOf } from "./places.ts";
import type { RunFolder } from "./run-folder.ts";
import { socketsIn } from "./sockets.ts";
import { stage } from "./stage.ts";
import { NODE_PLACE, nodePlaces, systemPlaces } from "./system-places.ts";
import { openWayOut, type WayOut } from "./way-out.ts";

/** Who a fenced tree takes itself for, and where. */
export const INSIDE: {
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  readonly home: string;
  readonly hostName: string;
} = { uid: 1000, gid: 1000, userName: "task", home: "/home/task", hostName: "task" };

/** Descriptors that bubblewrap is given: the filter, and its own words, which hold the environment. */
const SECCOMP_FD = 3;
const WORDS_FD = 4;

/** What fences are made with on this machine. */
export interface FenceParts {
  /** Absolute path of bubblewrap. */
  readonly bwrap: string;
  readonly isRoot: boolean;
  readonly can: View["can"];
  /** Limits on whole trees; null where this process may set none. */
  readonly groups: Groups | null;
  readonly measure: Measure;
  readonly run: RunFolder;
  /** The Node that this process runs on. */
  readonly nodeExecutable: string;
  /** Addresses that may be reached although they are private: an operator's own hosts. */
  readonly privateAllowed: readonly string[];
}

/** Puts a fence around a tree: it sees the system's programs and what its confinement names. */
export function makeFence(parts: FenceParts): Wrapper {
  return {
    pidNamespace: true,
    detail: `sandbox through ${parts.bwrap}; the tree ends with the daemon`,
    wrap: (spec) => wrap(parts, spec, spec.confinement ?? NOTHING),
  };
}

/** A tree that gets nothing besides the system's programs. */
export const NOTHING: Confinement = {
  level: "sandbox",
  own: [],
  writable: [],
  readable: [],
  hosts: [],
  virtualHosts: [],
  limits: {
    memoryBytes: null,
    cpus: null,
    processes: null,
    fileBytes: null,
    diskBytes: null,
    files: null,
  },
};

function wrap(parts: FenceParts, spec: LaunchSpec, confinement: Confinement): Wrapped {
  const way = openWayOut(parts, spec, confinement);
  const group = parts.groups?.make(confinement.limits) ?? null;
  const keeper = keepLimits({ ...parts, spec, confinement, group });
  const onEnd = (): void => {
    keeper.onEnd();
    way?.close();
  };
  try {
    const command = fencedCommand(parts, spec, confinement, { way, group });
    return { ...command, onStart: keeper.onStart, onEnd };
  } catch (error) {
    // Nothing starts, so nothing will end.
    onEnd();
    throw error;
  }
}

function fencedCommand(
  parts: FenceParts,
  spec: LaunchSpec,
  confinement: Confinement,
  made: { readonly way: WayOut | null; readonly group: Group | null },
): Wrapped {
  const { before, view } = viewOf(parts, spec, confinement, made);
  const [command = "", ...args] = [
    before,
    [parts.bwrap, "--args", String(WORDS_FD), "--"],
    insideCommand([spec.command, ...spec.args], confinement.limits),
  ].flat();
  const words = parts.run.openWords(bwrapArgs(view));
  const files = [
    parts.run.openFilter(pinningWords(confinement.limits, parts.groups).length > 0),
    words,
  ];
  return { command, args, env: WRAPPER_ENVIRONMENT, files, tellsBegin: true };
}

/** For the programs in front of the fence, which belong to the system. */
const WRAPPER_ENVIRONMENT = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

function viewOf(
  parts: FenceParts,
  spec: LaunchSpec,
  confinement: Confinement,
  { way, group }: { readonly way: WayOut | null; readonly group: Group | null },
): { readonly before: readonly string[]; readonly view: View } {
  const { run, isRoot, bwrap, groups } = parts;
  const socket = way?.socket ?? null;
  const { writable, given } = placesOf(spec, confinement);
  const [system, node] = [
    systemPlaces(run.etc.map(({ name }) => name)),
    nodePlaces(parts.nodeExecutable),
  ];
  const readable: readonly Mount[] = [
    ...run.etc.map(({ name, path }) => ({ from: path, at: `/etc/${name}` })),
    ...node.readable,
    ...given.filter(existsSync).map(asItIs),
    ...socketsIn(given).map((at) => ({ from: run.nothing, at })),
    ...(confinement.files ?? []),
    ...(socket === null ? [] : [{ from: socket, at: EGRESS_SOCKET }]),
  ];
  const staged = stage(
    {
      place: run.stage,
      isRoot,
      bwrap,
      groupFiles: group?.files ?? [],
      limits: limitWords(confinement.limits, groups),
      writable: writable.map(asItIs),
      readable,
    },
    INSIDE.home,
  );
  const view: View = {
    writable: staged.writable,
    readable: [...system.readable, ...staged.readable],
    links: [...system.links, ...node.links],
    env: insideEnvironment({ ...confinement.env, ...spec.env }, spec.mark, socket !== null),
    cwd: spec.cwd,
    seccompFd: SECCOMP_FD,
    can: parts.can,
    ...INSIDE,
  };
  return { before: staged.before, view };
}

function asItIs(path: string): Mount {
  return { from: path, at: path };
}

/** The whole environment of a tree: what it was given, and what is so in every fence. */
export function insideEnvironment(
  env: Readonly<Record<string, string>>,
  mark: string,
  hasWayOut: boolean,
): Readonly<Record<string, string>> {
  return {
    ...env,
    ...(hasWayOut ? { BRIDGE, ...networkEnvironment(PROXY_PORT) } : {}),
    PATH: `${NODE_PLACE}/bin:/usr/local/bin:/usr/bin:/bin`,
    HOME: INSIDE.home,
    USER: INSIDE.userName,
    TMPDIR: "/tmp",
    [MARK_VARIABLE]: mark,
  };
}
