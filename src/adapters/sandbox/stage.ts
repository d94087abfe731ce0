import type { Mount } from "./bwrap-args.ts";
import { isOpenToAll } from "./passable.ts";

/** The user of every fenced tree when the daemon itself is root; nobody else should have this number. */
export const TASK_UID = 61_099;

/** What is done before bubblewrap starts, and where it then finds what it mounts. */
export interface Staged {
  /** The words in front of bubblewrap's. */
  readonly before: readonly string[];
  readonly writable: readonly Mount[];
  readonly readable: readonly Mount[];
}

/**
 * For a daemon that is an ordinary user (no place): nothing. For root, at an empty folder that anyone
 * may pass to: a user of its own for the tree, which is never uid 0. What lies where that user cannot
 * get is first mounted where it can, in a mount namespace that nobody else sees. What it may write
 * becomes its own.
 */
export function stage(
  place: string | null,
  writable: readonly Mount[],
  readable: readonly Mount[],
): Staged {
  if (place === null) return { before: [], writable, readable };
  const closed = readable.filter(({ from }) => !isOpenToAll(from));
  const all = [...writable, ...closed];
  const moved = all.map(({ at }, index) => ({ from: `${place}/${index}`, at }));
  return {
    before: [
      ["unshare", "--mount", "--propagation", "private", "--"],
      ["/bin/sh", "-c", SCRIPT, "sh", place, String(writable.length), String(all.length)],
      all.map(({ from }) => from),
      ["setpriv", "--reuid", String(TASK_UID), "--regid", String(TASK_UID), "--clear-groups"],
      ["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"],
    ].flat(),
    writable: moved.slice(0, writable.length),
    readable: [
      ...moved.slice(writable.length),
      ...readable.filter((mount) => !closed.includes(mount)),
    ],
  };
}

/** Arguments: where to mount, how many are writable, how many there are, those, and what to become. */
const SCRIPT = `
set -e
place=$1
writable=$2
count=$3
shift 3
mount -t tmpfs -o mode=0755,size=1m tmpfs "$place"
index=0
while [ $index -lt $count ]; do
  if [ -d "$1" ]; then mkdir "$place/$index"; else : >"$place/$index"; fi
  mount --bind "$1" "$place/$index"
  if [ $index -lt $writable ] && [ "$(stat -c %u "$1")" != ${TASK_UID} ]; then
    chown -R -h -P ${TASK_UID}:${TASK_UID} "$place/$index"
  fi
  index=$((index + 1))
  shift
done
exec "$@"
`;
