import type { Socket } from "node:net";
import type { Denial, HostRule, ServedHost, VirtualHost } from "../../../ports/launcher.ts";

/** What may be reached; a malformed host rule matches nothing. */
export interface EgressRules {
  readonly allow: readonly HostRule[];
  readonly virtual: readonly (VirtualHost | ServedHost)[];
}

/** Names to addresses; a rejection means that the name leads nowhere. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** What one egress allows, and whom it tells of what it refused. */
export interface EgressOptions {
  readonly rules: EgressRules;
  /** Told once of each (host, port, reason), and of at most `MAX_DENIALS_REPORTED` of them. */
  readonly onDenied: (denial: Denial) => void;
  /** The system's own when absent. */
  readonly resolve?: Resolve;
  /** Addresses that are allowed although private (an operator's own LAN host): exact `address` strings. */
  readonly privateAllowed?: readonly string[];
}

/** The one way out of a sandbox; its disposal ends every connection and resolves when all are closed. */
export interface Egress extends AsyncDisposable {
  /** Serves one connection that came out of the sandbox. */
  readonly serve: (socket: Socket) => void;
  /** Listens on a unix socket of ours, mode 0600; rejects when that cannot be. */
  readonly listen: (path: string) => Promise<void>;
}
