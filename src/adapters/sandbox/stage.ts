import { lstatSync, readdirSync } from "node:fs";
import type { Mount } from "./bwrap-args.ts";
import { isOpenToAll } from "./passable.ts";

/** The user of every fenced tree when the daemon itself is root; nobody else should have this number. */
export const TASK_UID = 61_099;

/** What a fence is prepared with. */
export interface StageParts {
  /** An empty folder that anyone may pass to. */
  readonly place: string;
  readonly isRoot: boolean;
  /** Absolute path of bubblewrap. */
  readonly bwrap: string;
  /** Files by which the tree joins its control groups. */
  readonly groupFiles: readonly string[];
  /** The words of programs that set limits and become what follows. */
  readonly limits: readonly string[];
  readonly writable: readonly Mount[];
  readonly readable: readonly Mount[];
}

/** What is done before the fence is made, and where it then finds what it mounts. */
export interface Staged {
  /** The words in front of bubblewrap's. */
  readonly before: readonly string[];
  readonly writable: readonly Mount[];
  readonly readable: readonly Mount[];
}

/** Most that the folders in memory hold together; it counts as memory of the tree. */
const MEMORY_BYTES = 4 * 1024 ** 3;
/** Each file takes memory of the kernel, which is not counted everywhere. */
const MEMORY_FILES = 262_144;
/** The kernel gives every user few of these; a tree gets a share where its user is ours. */
const INOTIFY_INSTANCES = 64;
/** Folders in memory by their names on the stage. */
const MEMORY_FOLDERS: readonly (readonly [string, string])[] = [
  ["tmp", "/tmp"],
  ["shm", "/dev/shm"],
];

/**
 * Everything that must be done before the fence itself, in a PID namespace whose first process nothing
 * inside can see (the first process of the fence can be traced from inside and told to outlive its
 * parent), and in a mount namespace that nobody else sees: limits, and folders in memory of a bounded
 * number of files.
 *
 * Root's trees get a user of their own, never uid 0. What lies where that user cannot get is first
 * mounted where it can. What it may write becomes its own.
 */
export function stage(parts: StageParts, home: string): Staged {
  const { place, isRoot, bwrap, groupFiles, limits, writable, readable } = parts;
  const closed = isRoot ? readable.filter(({ from }) => !isOpenToAll(from)) : [];
  const all = isRoot ? [...writable, ...closed] : [];
  const moved = all.map(({ at }, index) => ({ from: `${place}/${index}`, at }));
  const memory = [...MEMORY_FOLDERS, ["home", home] as const].map(([name, at]) => {
    return { from: `${place}/${name}`, at };
  });
  const outer = [bwrap, "--unshare-user", "--unshare-pid", "--die-with-parent"];
  const asItIs = ["--dev-bind", "/", "/"];
  const careFor = (from: string): string =>
    writable.some((mount) => mount.from === from) ? careForWritable(from) : "as-it-is";
  const script = [
    ["/bin/sh", "-c", SCRIPT, "sh", place, isRoot ? String(TASK_UID) : "own"],
    [String(groupFiles.length), ...groupFiles],
    [String(all.length), ...all.flatMap(({ from }) => [careFor(from), from])],
    limits,
  ].flat();
  return {
    before: isRoot
      ? [ROOT_NAMESPACE, script, TASK_USER, outer, asItIs, "--"].flat()
      : [outer, RIGHTS_TO_STAGE, asItIs, "--", script, NO_RIGHTS].flat(),
    writable: [...memory, ...(isRoot ? moved.slice(0, writable.length) : writable)],
    readable: [
      ...moved.slice(writable.length),
      ...readable.filter((mount) => !closed.includes(mount)),
    ],
  };
}

/**
 * What was given to the tree's user beforehand is left alone: an index that knows its files, and when
 * they were given, goes on knowing them. The folder itself is given last, so one that has been given is
 * so whole, whenever this was broken off.
 */
function careForWritable(from: string): "as-it-is" | "make-own" | "make-rest-own" {
  const isGiven = (path: string | Buffer): boolean =>
    lstatSync(path, { throwIfNoEntry: false })?.uid === TASK_UID;
  if (isGiven(from)) return "as-it-is";
  // Names may be no text.
  const below = lstatSync(from).isDirectory() ? readdirSync(from, { encoding: "buffer" }) : [];
  const isPartGiven = below.some((name) => isGiven(Buffer.concat([Buffer.from(`${from}/`), name])));
  return isPartGiven ? "make-rest-own" : "make-own";
}

const ROOT_NAMESPACE = ["unshare", "--mount", "--propagation", "private", "--"];
const TASK_USER = [
  ["setpriv", "--reuid", String(TASK_UID), "--regid", String(TASK_UID), "--clear-groups"],
  ["--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--"],
].flat();

/** Only over the namespaces around the fence: to mount folders in memory, to set the share. */
const RIGHTS_TO_STAGE = ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SYS_RESOURCE"];
const NO_RIGHTS = ["setpriv", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs", "--"];

/**
 * To join a group takes the kernel as long as all the rest, so both are done at once.
 *
 * Arguments: where to mount; the user that the tree becomes, or "own"; how many groups there are to
 * join, and their files; how many places there are, and of each what is done with it and where it is;
 * what to become.
 */
const SCRIPT = `
set -e
place=$1
user=$2
left=$3
shift 3
joining=
while [ $left -gt 0 ]; do
  echo $$ >"$1" &
  joining="$joining $!"
  left=$((left - 1))
  shift
done
count=$1
shift
mount -t tmpfs -o mode=0755,size=${MEMORY_BYTES},nr_inodes=${MEMORY_FILES} tmpfs "$place"
mkdir -m 1777 "$place/tmp" "$place/shm"
if [ "$user" = own ]; then
  mkdir -m 0700 "$place/home"
  { echo ${INOTIFY_INSTANCES} >/proc/sys/user/max_inotify_instances; } 2>/dev/null || :
else
  install -d -m 0700 -o "$user" -g "$user" "$place/home"
fi
index=0
while [ $index -lt $count ]; do
  if [ -d "$2" ]; then mkdir "$place/$index"; else : >"$place/$index"; fi
  mount --bind "$2" "$place/$index"
  case $1 in
    make-own) chown -R -h -P "$user:$user" "$place/$index" ;;
    make-rest-own) find "$place/$index" -depth ! -user "$user" -execdir chown -h "$user:$user" {} + ;;
  esac
  index=$((index + 1))
  shift 2
done
for each in $joining; do wait $each; done
exec "$@"
`;
