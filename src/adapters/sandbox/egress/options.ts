import type { Socket } from "node:net";

/** A host that may be reached: an exact name or `*.example.org` (any name below, not the name itself), and its port. */
export interface HostRule {
  readonly host: string;
  readonly port: number;
}

/**
 * A name that exists only inside: requests to `http://<host>/` go to `target` with these headers set
 * (and the same names coming from inside dropped).
 */
export interface VirtualHost {
  readonly host: string;
  /** Base address, http or https; may be on loopback (it is ours, the address check does not apply). */
  readonly target: string;
  /** Asked for every request, so that a renewed credential is used; header names in lower case. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
}

/** What may be reached; a malformed host rule matches nothing. */
export interface EgressRules {
  readonly allow: readonly HostRule[];
  readonly virtual: readonly VirtualHost[];
}

/** A request that was refused; `host` is made printable, `port` is 0 where none was given. */
export interface Denial {
  readonly host: string;
  readonly port: number;
  readonly reason: string;
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
