import { BlockList, isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";

/** Every IPv4 range that is not a site of the public internet. */
const CLOSED_IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // A public address by its range, but a cloud's own service to its machines.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const;

/** Of IPv6 only global unicast can be public: this range without the ones below. */
const GLOBAL_IPV6 = ["2000::", 3] as const;

/** Teredo and other protocol assignments, documentation, and 6to4. */
const CLOSED_IPV6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

/** The last 32 bits of these are an IPv4 address that is really meant: mapped and NAT64. */
const CARRIES_IPV4 = [
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
] as const;

// One list a family: a mapped range in a shared list would match every IPv4 address.
const closedIpv4 = listOf(CLOSED_IPV4, "ipv4");
const closedIpv6 = listOf(CLOSED_IPV6, "ipv6");
const globalIpv6 = listOf([GLOBAL_IPV6], "ipv6");
const carriesIpv4 = listOf(CARRIES_IPV4, "ipv6");

/**
 * Whether an address is one of the public internet and none of this machine's own; what is no address
 * (or has a zone) is not.
 */
export function isPublicAddress(address: string, own: readonly string[] = ownAddresses()): boolean {
  const plain = plainForm(address);
  if (plain === null || own.some((one) => plainForm(one) === plain)) return false;
  if (isIPv4(plain)) return !closedIpv4.check(plain, "ipv4");
  return globalIpv6.check(plain, "ipv6") && !closedIpv6.check(plain, "ipv6");
}

/** The addresses of this machine's interfaces as they are now. */
function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  );
}

/** One spelling per address: IPv4 dotted, carried IPv4 unwrapped, IPv6 compressed. */
function plainForm(address: string): string | null {
  if (isIPv4(address)) return address;
  if (!isIPv6(address) || address.includes("%")) return null;
  const compressed = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  return carriesIpv4.check(compressed, "ipv6") ? lastIpv4(compressed) : compressed;
}

function lastIpv4(compressed: string): string {
  return compressed
    .split(":")
    .slice(-2)
    .map((group) => Number.parseInt(group === "" ? "0" : group, 16))
    .flatMap((group) => [group >> 8, group & 0xff])
    .join(".");
}

function listOf(
  ranges: readonly (readonly [network: string, prefix: number])[],
  family: "ipv4" | "ipv6",
): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) list.addSubnet(network, prefix, family);
  return list;
}
