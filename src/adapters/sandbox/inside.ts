import type { ResourceLimits } from "../../ports/launcher.ts";

/** Where programs inside find the way out; one address for all, since every tree has its own loopback. */
export const PROXY_PORT = 3128;
/** Where the way out is mounted inside. */
export const EGRESS_SOCKET = "/run/egress.sock";

/** Descriptor on which it is told that the command begins; nothing else has it open by then. */
export const BEGIN_FD = 5;

/**
 * The first program inside: tells that the fence stands, starts the bridge from the loopback to the
 * way out, waits until it listens, sets the limit of processes where it counts this tree only, and
 * becomes the command. The bridge has a session of its own, so that a signal to the command's group
 * spares it.
 */
const SCRIPT = `
listens() {
  while read -r _ address _; do
    [ "$address" != 0100007F:0C38 ] || return 0
  done </proc/net/tcp
  return 1
}
echo >&${BEGIN_FD}
exec ${BEGIN_FD}>&-
if [ -S ${EGRESS_SOCKET} ]; then
  if command -v socat >/dev/null; then
    setsid socat TCP4-LISTEN:${PROXY_PORT},bind=127.0.0.1,fork,reuseaddr,backlog=128 UNIX-CONNECT:${EGRESS_SOCKET} </dev/null >/dev/null 2>&1 &
  elif command -v node >/dev/null; then
    setsid node -e "$BRIDGE" </dev/null >/dev/null 2>&1 &
  fi
  tries=0
  until listens || [ $tries -gt 20000 ]; do tries=$((tries + 1)); done
fi
unset BRIDGE
limit=$1
shift
[ "$limit" = none ] || { ulimit -p "$limit" || ulimit -u "$limit"; } 2>/dev/null
exec "$@"
`;

/** The same bridge where socat is not installed; given as the variable BRIDGE. */
export const BRIDGE: string = `
const net = require("node:net");
net.createServer((inside) => {
  const outside = net.connect("${EGRESS_SOCKET}");
  for (const each of [inside, outside]) each.on("error", () => { inside.destroy(); outside.destroy(); });
  inside.pipe(outside).pipe(inside);
}).listen(${PROXY_PORT}, "127.0.0.1");
`;

/** The command inside the fence, with the bridge before it. */
export function insideCommand(
  command: readonly string[],
  { processes }: ResourceLimits,
): readonly string[] {
  return [
    "/bin/sh",
    "-c",
    SCRIPT,
    "sh",
    processes === null ? "none" : String(processes),
    ...command,
  ];
}

/** Variables that lead every program to the way out on this port of its loopback. */
export function networkEnvironment(port: number): Readonly<Record<string, string>> {
  const proxy = `http://127.0.0.1:${port}`;
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: "localhost,127.0.0.1,::1",
    no_proxy: "localhost,127.0.0.1,::1",
    NODE_USE_ENV_PROXY: "1",
    npm_config_proxy: proxy,
    npm_config_https_proxy: proxy,
  };
}
