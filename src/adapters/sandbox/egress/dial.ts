import { connect, isIPv6, type LookupFunction, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Route } from "./admission.ts";
import type { EgressContext } from "./context.ts";

/** How long one address may take before the next one of the host is tried. */
const ATTEMPT_TIMEOUT_MS = 5_000;

/**
 * Connects to one of the checked addresses of a route; nothing is resolved again. The caller limits
 * the connecting and hears the errors.
 */
export function dial({ host, port, addresses }: Route): Socket {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  const checkedOnly: LookupFunction = (_host, _options, tell) => tell(null, all);
  return connect({
    host,
    port,
    lookup: checkedOnly,
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS,
    allowHalfOpen: true,
    noDelay: true,
  });
}

/** Tracks a socket that is being connected, and destroys it when that takes too long. */
export function limitConnecting({ track, limits }: EgressContext, socket: Socket): void {
  track(socket);
  const event = socket instanceof TLSSocket ? "secureConnect" : "connect";
  const late = (): void => void socket.destroy(new Error("The connection was not made in time."));
  const timer = setTimeout(late, limits.connectTimeoutMs);
  for (const settled of [event, "close"]) socket.once(settled, () => clearTimeout(timer));
}
