import { chownSync, existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import type { Confinement, LaunchSpec } from "../../../ports/launcher.ts";
import { FenceFailed } from "../../process/fence-failed.ts";
import { MARK_VARIABLE } from "../../process/tree.ts";
import type { Wrapped, Wrapper } from "../../process/wrapper.ts";
import type { Mount } from "../bwrap-args.ts";
import { INSIDE, insideEnvironment, NOTHING } from "../fence.ts";
import { EGRESS_SOCKET, insideCommand } from "../inside.ts";
import { isBelow, placesOf } from "../places.ts";
import type { RunFolder } from "../run-folder.ts";
import { socketsIn } from "../sockets.ts";
import { TASK_UID } from "../stage.ts";
import { nodePlaces } from "../system-places.ts";
import { keepLimits } from "../limits/keep-limits.ts";
import type { Measure } from "../limits/measure.ts";
import { openWayOut, type WayOut } from "../way-out.ts";
import type { Engine } from "./engine.ts";
import { BEGIN_PLACE, ENVIRONMENT_PLACE, entering, environmentLines } from "./environment.ts";
import { guardCommand, removeArgs, type Status } from "./guard.ts";
import { runArgs } from "./run-args.ts";

/** What containers are made with on this machine. */
export interface ContainerParts {
  readonly engine: Engine;
  readonly image: string;
  readonly run: RunFolder;
  readonly isRoot: boolean;
  readonly measure: Measure;
  readonly user: { readonly uid: number; readonly gid: number };
  readonly hasGroups: boolean;
  readonly setpriv: string;
  /** The environment of the engine's own program. */
  readonly engineEnvironment: Readonly<Record<string, string>>;
  /** Begins the name of every container; tells whose it is. */
  readonly namePrefix: string;
  readonly nodeExecutable: string;
  readonly privateAllowed: readonly string[];
  /** Sockets by which engines are told what to do. */
  readonly engineSockets: readonly string[];
}

/** Puts every tree into a container of its own: it sees the image and what its confinement names. */
export function makeContainer(parts: ContainerParts): Wrapper {
  const { engine, image } = parts;
  return {
    // The engine passes a signal on to the first process inside, so its own group is asked to end.
    pidNamespace: false,
    detail: `containers of ${image} through ${engine.program} (${engine.name} ${engine.version}); they end with the daemon`,
    wrap: (spec) => wrap(parts, spec, spec.confinement ?? NOTHING),
  };
}

function wrap(parts: ContainerParts, spec: LaunchSpec, confinement: Confinement): Wrapped {
  const way = openWayOut(parts, spec, confinement);
  const made = {
    name: `${parts.namePrefix}${randomUUID().slice(0, 8)}`,
    status: parts.run.freshPath(),
    environment: parts.run.freshPath(),
    begin: parts.run.freshPath(),
  };
  const keeper = keepLimits({
    spec,
    confinement,
    groups: parts.hasGroups ? parts.engine : null,
    group: null,
    measure: parts.measure,
  });
  const release = (): void => {
    keeper.onEnd();
    way?.close();
    for (const path of [made.environment, made.begin]) rmSync(path, { force: true });
  };
  try {
    return {
      ...containerCommand(parts, spec, confinement, way, made),
      onStart: keeper.onStart,
      hasBegun: () => says(made.status, "begun"),
      onEnd: () => {
        if (says(made.status, "memory")) spec.onOverLimit?.("memory");
        release();
      },
      end: () => end(parts.engine, made),
    };
  } catch (error) {
    // Nothing starts, so nothing will end.
    release();
    throw error;
  }
}

interface Made {
  readonly name: string;
  readonly status: string;
  readonly environment: string;
  readonly begin: string;
}

function containerCommand(
  parts: ContainerParts,
  spec: LaunchSpec,
  confinement: Confinement,
  way: WayOut | null,
  made: Made,
): Wrapped {
  const { engine, run, user } = parts;
  const { writable, given } = placesOf(spec, confinement);
  for (const path of [...writable, ...given]) refuseEngines(path, parts.engineSockets);
  const lines = environmentLines(
    withoutPath(insideEnvironment({ ...confinement.env, ...spec.env }, spec.mark, way !== null)),
  );
  writeFileSync(made.environment, lines, { mode: 0o400 });
  writeFileSync(made.status, "");
  if (parts.isRoot) chownSync(made.environment, TASK_UID, TASK_UID);
  const args = runArgs(engine, {
    name: made.name,
    image: parts.image,
    user,
    writable: [...writable.map(asItIs), { from: made.begin, at: BEGIN_PLACE }],
    readable: [
      ...run.etc.map(({ name, path }) => ({ from: path, at: `/etc/${name}` })),
      ...nodePlaces(parts.nodeExecutable).readable,
      ...given.filter(existsSync).map(asItIs),
      ...socketsIn(given).map((at) => ({ from: run.nothing, at })),
      ...(confinement.files ?? []),
      { from: made.environment, at: ENVIRONMENT_PLACE },
      ...(way === null ? [] : [{ from: way.socket, at: EGRESS_SOCKET }]),
    ],
    env: { [MARK_VARIABLE]: spec.mark },
    cwd: spec.cwd,
    hostName: INSIDE.hostName,
    home: INSIDE.home,
    limits: confinement.limits,
    filter: run.filterPath,
    hasGroups: parts.hasGroups,
    command: entering(
      insideCommand([spec.command, ...spec.args], { ...confinement.limits, processes: null }),
    ),
  });
  const [command, ...rest] = [
    ...owning(parts.isRoot ? writable : []),
    ...guardCommand({ ...parts, ...made, parentPid: process.pid, runArgs: args }),
  ];
  return { command: command ?? "", args: rest, env: parts.engineEnvironment };
}

/** Gives what a tree may write to its user, before it starts, where the daemon is root. */
function owning(writable: readonly string[]): readonly string[] {
  return writable.length === 0
    ? []
    : ["/bin/sh", "-c", OWN, "sh", String(writable.length), ...writable];
}

const OWN = `
count=$1
shift
while [ $count -gt 0 ]; do
  if [ "$(stat -c %u "$1")" != ${TASK_UID} ]; then
    chown -R -h -P ${TASK_UID}:${TASK_UID} "$1" || exit 125
  fi
  shift
  count=$((count - 1))
done
exec "$@"
`;

/** Whoever reaches the socket of an engine is root on the machine. */
function refuseEngines(path: string, sockets: readonly string[]): void {
  const real = existsSync(path) ? realpathSync(path) : path;
  const socket = sockets.find((each) => each === real || isBelow(each, real));
  if (socket !== undefined) {
    throw new FenceFailed(
      `${path} is not given to a task: ${socket} in it rules over all containers.`,
    );
  }
}

/** The programs of the image come first. */
function withoutPath(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== "PATH"));
}

function asItIs(path: string): Mount {
  return { from: path, at: path };
}

function says(file: string, word: Status): boolean {
  return existsSync(file) && readFileSync(file, "utf8").split("\n").includes(word);
}

/** Removes the container if its guard did not live to do so. */
async function end({ name: engine, ask }: Engine, { name, status }: Made): Promise<void> {
  const isRemoved = says(status, "ended") || says(status, "memory");
  if (!isRemoved) await ask([...removeArgs(engine), name]);
  rmSync(status, { force: true });
}
