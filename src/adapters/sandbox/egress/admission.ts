import { lookup } from "node:dns/promises";
import { isPublicAddress } from "./addresses.ts";
import type { EgressContext } from "./context.ts";
import { denialOf } from "./denials.ts";
import { judge, splitAuthority } from "./host.ts";
import type { Denial, ServedHost, VirtualHost } from "../../../ports/launcher.ts";
import type { EgressOptions } from "./options.ts";

/** Where a request may go: to addresses that were checked, and to no others. */
export interface Route {
  readonly host: string;
  readonly port: number;
  readonly addresses: readonly string[];
}

/** What came of asking for a host. */
export type Admission =
  | { readonly type: "direct"; readonly route: Route }
  | { readonly type: "virtual"; readonly virtual: VirtualHost | ServedHost }
  | { readonly type: "refused"; readonly denial: Denial }
  /** Allowed, but the name leads nowhere (or not in time). */
  | { readonly type: "unresolved"; readonly host: string };

/** Judges a host and port by the lists, then resolves the name once and judges all it leads to. */
export async function admit(
  { options, limits }: EgressContext,
  authority: string,
  defaultPort: number | null,
): Promise<Admission> {
  const { host, port } = splitAuthority(authority, defaultPort);
  const refused = (reason: string): Admission => ({
    type: "refused",
    denial: denialOf(host, port, reason),
  });
  const verdict = judge(options.rules, { host, port });
  if (verdict.type === "virtual") return verdict;
  if (verdict.type === "refused" || port === null) {
    return refused(verdict.type === "refused" ? verdict.reason : "it has no valid port");
  }
  const addresses = await resolved(options, host, limits.resolveTimeoutMs);
  if (addresses.length === 0) return { type: "unresolved", host };
  return addresses.every((address) => mayConnect(options, address))
    ? { type: "direct", route: { host, port, addresses } }
    : refused("its name leads to an address that is not public");
}

async function resolved(
  { resolve = systemResolve }: EgressOptions,
  host: string,
  timeoutMs: number,
): Promise<readonly string[]> {
  const over = Promise.withResolvers<readonly string[]>();
  const timer = setTimeout(() => over.resolve([]), timeoutMs);
  try {
    return await Promise.race([resolve(host), over.promise]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

async function systemResolve(host: string): Promise<readonly string[]> {
  const all = await lookup(host, { all: true, order: "verbatim" });
  return all.map(({ address }) => address);
}

function mayConnect({ privateAllowed = [] }: EgressOptions, address: string): boolean {
  return privateAllowed.includes(address) || isPublicAddress(address);
}
