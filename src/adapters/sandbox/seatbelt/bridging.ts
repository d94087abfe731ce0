import type { ResourceLimits } from "../../../ports/launcher.ts";

/**
 * The words behind the profile: a bridge from a port of the loopback to the way out, limits, and then
 * the command. The loopback is the machine's, so the port must surely be the bridge's own: where it
 * cannot be had, nothing starts.
 */
export function bridging(parts: {
  readonly wayOut: { readonly socket: string; readonly port: number } | null;
  /** The Node that the bridge runs on. */
  readonly node: string;
  /** A file that is there once the bridge listens. */
  readonly ready: string;
  readonly limits: ResourceLimits;
  readonly command: readonly string[];
}): readonly string[] {
  const { wayOut, limits } = parts;
  const about =
    wayOut === null ? ["", "", "", ""] : [parts.node, BRIDGE, wayOut.socket, String(wayOut.port)];
  // In blocks of 512 bytes, as the shell counts.
  const blocks =
    limits.fileBytes === null ? "unlimited" : String(Math.ceil(limits.fileBytes / 512));
  return ["/bin/sh", "-c", SCRIPT, "sh", ...about, parts.ready, blocks, ...parts.command];
}

const SCRIPT = `
node=$1 bridge=$2 socket=$3 port=$4 ready=$5 blocks=$6
shift 6
if [ -n "$node" ]; then
  "$node" -e "$bridge" -- "$socket" "$port" "$ready" </dev/null >/dev/null 2>&1 &
  while [ ! -e "$ready" ]; do
    kill -0 $! 2>/dev/null || { echo "The way out could not be opened on port $port." >&2; exit 126; }
    sleep 0.02
  done
fi
ulimit -c 0
ulimit -f "$blocks"
exec "$@"
`;

/** Spared by the signal that asks a tree to end, since the tree may still have something to say. */
const BRIDGE = `
const net = require("node:net");
const [socket, port, ready] = process.argv.slice(1);
process.on("SIGTERM", () => {});
net.createServer((inside) => {
  const outside = net.connect(socket);
  for (const each of [inside, outside]) each.on("error", () => { inside.destroy(); outside.destroy(); });
  inside.pipe(outside).pipe(inside);
}).listen(Number(port), "127.0.0.1", () => require("node:fs").writeFileSync(ready, ""));
`;
