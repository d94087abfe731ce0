import type { HostRule, ServedHost, VirtualHost } from "../../../ports/launcher.ts";
import type { EgressRules } from "./options.ts";

const MAX_NAME_LENGTH = 253;
const MAX_PORT = 65_535;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u;
/** What a resolver may read as an IPv4 address ends in a number: 127.1, 0x7f000001, 017700000001. */
const NUMBER_LABEL = /^(?:[0-9]+|0x[0-9a-f]*)$/u;

/** The port of a virtual host; it has no other. */
const VIRTUAL_PORT = 80;

/** Host and port of a request, before anything is known about them. */
export interface Authority {
  /** In lower case. */
  readonly host: string;
  /** Null when it is not a decimal from 1 to 65535. */
  readonly port: number | null;
}

/** What the rules say about a host and port. */
export type Verdict =
  | { readonly type: "allowed" }
  | { readonly type: "virtual"; readonly virtual: VirtualHost | ServedHost }
  | { readonly type: "refused"; readonly reason: string };

/** Splits `host:port` at its last colon; without a colon the port is `defaultPort`. */
export function splitAuthority(text: string, defaultPort: number | null): Authority {
  const colon = text.lastIndexOf(":");
  // Inside userinfo or brackets a colon begins no port; such a host is refused as a whole.
  if (colon <= Math.max(text.lastIndexOf("@"), text.lastIndexOf("]"))) {
    return { host: text.toLowerCase(), port: defaultPort };
  }
  return { host: text.slice(0, colon).toLowerCase(), port: readPort(text.slice(colon + 1)) };
}

/** Whether this is a plain lower-case host name: no address in any spelling, no trailing dot, no escapes. */
export function isHostName(host: string): boolean {
  if (host.length > MAX_NAME_LENGTH) return false;
  const labels = host.split(".");
  return labels.every((label) => LABEL.test(label)) && !NUMBER_LABEL.test(labels.at(-1) ?? "");
}

/** Judges by the lists alone; where a name leads is not known here. */
export function judge(rules: EgressRules, { host, port }: Authority): Verdict {
  if (!isHostName(host)) return { type: "refused", reason: "it is not a plain host name" };
  if (port === null) return { type: "refused", reason: "it has no valid port" };
  const virtual = rules.virtual.find((one) => one.host.toLowerCase() === host);
  if (virtual !== undefined) {
    return port === VIRTUAL_PORT
      ? { type: "virtual", virtual }
      : { type: "refused", reason: `it is served on port ${VIRTUAL_PORT} only` };
  }
  return rules.allow.some((rule) => matches(rule, host, port))
    ? { type: "allowed" }
    : { type: "refused", reason: "it is not on the list of allowed hosts" };
}

function readPort(text: string): number | null {
  const port = /^[1-9][0-9]{0,4}$/u.test(text) ? Number(text) : 0;
  return port >= 1 && port <= MAX_PORT ? port : null;
}

function matches(rule: HostRule, host: string, port: number): boolean {
  if (rule.port !== port) return false;
  const name = rule.host.toLowerCase();
  if (!name.startsWith("*.")) return name === host;
  // The dot stays, so that a match ends at a label; the rest is a name, so it is never empty.
  return isHostName(name.slice(2)) && host.endsWith(name.slice(1));
}
