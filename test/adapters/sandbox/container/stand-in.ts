import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "../../support.ts";

/** An engine in small, called docker: containers are processes that outlive whoever started them. */
export interface StandIn extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly temporary: string;
  /** Every command line that it was given, a word each. */
  readonly calls: () => Promise<readonly (readonly string[])[]>;
  /** The names of the containers that there are. */
  readonly containers: () => Promise<readonly string[]>;
  readonly add: (name: string) => Promise<void>;
}

export async function standIn(
  options: { readonly info?: object; readonly overMemory?: boolean } = {},
): Promise<StandIn> {
  const folder = await temporaryFolder();
  // What is inside has a user of its own where we are root.
  await chmod(folder.path, 0o755);
  const [bin, state, calls] = ["bin", "state", "calls"].map((name) => join(folder.path, name));
  for (const path of [bin, state, calls]) await mkdir(path ?? "");
  const info = { ...INFO, ...options.info };
  await writeFile(join(folder.path, "info"), JSON.stringify(info));
  const program = join(bin ?? "", "docker");
  await writeFile(
    program,
    SCRIPT.replaceAll("ROOT", folder.path).replace("OVER", String(options.overMemory === true)),
  );
  await chmod(program, 0o755);
  const list = async (path = ""): Promise<readonly string[]> => {
    return (await readdir(path)).toSorted();
  };
  return {
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      HOME: folder.path,
      DOCKER_HOST: "unix:///x.sock",
      SECRET: "hush",
    },
    temporary: folder.path,
    calls: async () =>
      await Promise.all(
        (await list(calls)).map(async (name) =>
          (await readFile(join(calls ?? "", name), "utf8")).split("\0").slice(0, -1),
        ),
      ),
    containers: async () => await list(state),
    add: async (name) => await writeFile(join(state ?? "", name), ""),
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  };
}

const INFO = {
  ServerVersion: "28.1.0",
  SecurityOptions: ["name=seccomp,profile=builtin"],
  MemoryLimit: true,
  PidsLimit: true,
  CPUCfsQuota: true,
};

/** Runs what comes after the image on the host, apart from its client; a client's end ends nothing. */
const SCRIPT = `#!/bin/sh
printf '%s\\0' "$@" >"ROOT/calls/$(date +%s%N)"
verb=$1
shift
case $verb in
info) cat ROOT/info ;;
ps) ls ROOT/state ;;
inspect) echo OVER ;;
rm)
  for name in "$@"; do :; done
  [ -e "ROOT/state/$name" ] || { echo "no such container" >&2; exit 1; }
  pid=$(cat "ROOT/state/$name")
  [ -z "$pid" ] || kill -s KILL -- "-$pid"
  rm "ROOT/state/$name"
  ;;
run)
  [ ! -e ROOT/broken ] || { echo "no room for layers" >&2; exit 125; }
  while [ "$1" != --entrypoint ]; do
    [ "$1" = --name ] && name=$2
    [ "$1" = --workdir ] && cd "$2"
    [ "$1" = --user ] && user=\${2%:*}
    case $2 in *target=/run/sleepless-environment,*) environment=\${2#type=bind,source=} ;;
    *target=/run/sleepless-begin) begin=\${2#type=bind,source=} ;; esac
    shift
  done
  shift 3
  environment=\${environment%%,*}
  # The script of the first program reads its environment where it would be inside.
  begin=\${begin%%,*}
  words=$(printf '%s' "$2" | sed "s#/run/sleepless-environment#$environment#; s#/run/sleepless-begin#$begin#")
  shift 2
  as=
  [ "$(id -u)" = "$user" ] || as="setpriv --reuid $user --regid $user --clear-groups"
  SLEEPLESS_MARK= setsid $as sh -c "$words" "$@" <&0 &
  echo $! >"ROOT/state/$name"
  wait $!
  ;;
esac
`;
