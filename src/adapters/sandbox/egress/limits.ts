/** What one egress waits for and holds at most. */
export interface EgressLimits {
  /** From the connection to the end of the request's headers. */
  readonly headersTimeoutMs: number;
  /** From the answer to CONNECT to the end of the TLS greeting. */
  readonly greetingTimeoutMs: number;
  readonly resolveTimeoutMs: number;
  /** Over all addresses of a host, TLS to a virtual host's target included. */
  readonly connectTimeoutMs: number;
  /** Without a byte in either direction; long, because a model may think. */
  readonly idleTimeoutMs: number;
  /** How long a refused client may take to read why. */
  readonly lingerMs: number;
  readonly maxConnections: number;
}

/** The limits that hold unless a test sets others. */
export const EGRESS_LIMITS: EgressLimits = {
  headersTimeoutMs: 30_000,
  greetingTimeoutMs: 30_000,
  resolveTimeoutMs: 20_000,
  connectTimeoutMs: 30_000,
  idleTimeoutMs: 15 * 60_000,
  lingerMs: 5_000,
  maxConnections: 256,
};

/** The request line and headers together. */
export const MAX_HEADER_BYTES: number = 32 * 1024;
