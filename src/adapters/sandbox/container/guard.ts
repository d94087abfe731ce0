import type { Engine } from "./engine.ts";

/** What the guard writes into the status file, a line each. */
export type Status = "begun" | "ended" | "memory";

/**
 * The words that start a container and see to its end. The engine's own process may die without its
 * container: so a shell stands beside it, on the host where nothing inside can touch it. When the
 * daemon dies the kernel tells the shell, which then removes the container.
 */
export function guardCommand(parts: {
  readonly setpriv: string;
  readonly engine: Pick<Engine, "name" | "program">;
  readonly name: string;
  readonly status: string;
  /** Where the pipe is made by which the first program inside tells that it begins. */
  readonly begin: string;
  /** The process whose end is the container's. */
  readonly parentPid: number;
  readonly runArgs: readonly string[];
}): readonly [string, ...(readonly string[])] {
  const { engine, name, status, begin, parentPid } = parts;
  const remove = removeArgs(engine.name).join(" ");
  const about = [String(parentPid), status, begin, name, engine.program, remove];
  const shell = ["--pdeathsig", "HUP", "--", "/bin/sh", "-c", SCRIPT, "sh"];
  return [parts.setpriv, ...shell, ...about, ...parts.runArgs];
}

/** The words that end a container at once and remove it; its name comes after them. */
export function removeArgs(engine: Engine["name"]): readonly string[] {
  return engine === "podman" ? ["rm", "--force", "--time", "0"] : ["rm", "--force"];
}

/**
 * Arguments: the parent, the status file, the pipe, the container, the engine, how it removes, how it runs. A
 * SIGTERM to the group asks both: the engine passes it on, the shell waits for what comes of it. Nobody
 * may read any more what the shell says of its jobs: that must not end it either.
 */
const SCRIPT = `
parent=$1 status=$2 begin=$3 name=$4 engine=$5 remove=$6
shift 6
parent_died() {
  exec >/dev/null 2>&1
  kill -KILL $client $reader
  wait $client
  "$engine" $remove "$name"
  exit 1
}
client= reader=
exec 4<&0 </dev/null
trap : TERM PIPE
trap parent_died HUP
[ "$PPID" = "$parent" ] || exit 1
mkfifo -m 666 "$begin" || exit 125
{ read -r _ <"$begin" && echo begun >>"$status"; } &
reader=$!
"$engine" "$@" <&4 4<&- &
client=$!
exec 4<&-
code=125
while kill -0 "$client" 2>/dev/null; do
  wait "$client"
  code=$?
done
# Whoever waits for a word on the pipe that never came waits no more.
: <>"$begin"
wait "$reader"
over=$("$engine" inspect --format '{{.State.OOMKilled}}' "$name" 2>/dev/null)
end=ended
[ "$over" = true ] && end=memory
"$engine" $remove "$name" >/dev/null 2>&1 && echo $end >>"$status"
exit $code
`;
