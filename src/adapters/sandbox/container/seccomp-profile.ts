import type { Architecture } from "../seccomp/numbers.ts";
import {
  AF,
  CREATE_FLAGS,
  DEVICE_BIT,
  HIDDEN_CALLS,
  NETLINK_ROUTE,
  NO_NAMESPACE_FLAGS,
  NAMESPACE_FLAGS,
  PERSONALITIES,
  REFUSED_CALLS,
  REFUSED_REQUESTS,
  SET_ID_BITS,
} from "../seccomp/rules.ts";

/** A comparison of an argument; with a mask, `value` is the mask and `valueTwo` what must be left. */
export interface Comparison {
  readonly index: number;
  readonly op: "SCMP_CMP_MASKED_EQ" | "SCMP_CMP_NE" | "SCMP_CMP_GT";
  readonly value: number;
  readonly valueTwo?: number;
}

/** A call that is refused when all comparisons are true. */
export interface ProfileRule {
  readonly names: readonly string[];
  readonly action: "SCMP_ACT_ERRNO";
  readonly errnoRet: number;
  readonly args?: readonly Comparison[];
}

/** A filter of system calls as container engines read it. */
export interface SeccompProfile {
  readonly defaultAction: "SCMP_ACT_ALLOW";
  readonly architectures: readonly string[];
  readonly syscalls: readonly ProfileRule[];
}

/**
 * The filter of the sandbox in the words of engines: refuses what `seccompProgram` refuses. Their
 * library ends programs that call by another architecture's numbers.
 */
export function seccompProfile(architecture: Architecture): SeccompProfile {
  return {
    defaultAction: "SCMP_ACT_ALLOW",
    architectures: [ARCHITECTURES[architecture]],
    syscalls: [
      { names: HIDDEN_CALLS, action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
      refuse(REFUSED_CALLS),
      ...createWithSetId("open", 1),
      ...createWithSetId("openat", 2),
      ...anyBit(["creat", "chmod", "fchmod"], 1, SET_ID_BITS),
      ...anyBit(["fchmodat", "fchmodat2"], 2, SET_ID_BITS),
      ...anyBit(["mknod"], 1, SET_ID_BITS | DEVICE_BIT),
      ...anyBit(["mknodat"], 2, SET_ID_BITS | DEVICE_BIT),
      ...Object.values(REFUSED_REQUESTS).map((each) => refuse(["ioctl"], is(1, each))),
      ...anyBit(["clone"], 0, NAMESPACE_FLAGS),
      // Bits above these the kernel knows none of, and says so.
      ...anyBit(["unshare"], 0, ~NO_NAMESPACE_FLAGS >>> 0),
      ...personalities(),
      ...socketFamilies(),
      refuse(["socketpair"], { index: 0, op: "SCMP_CMP_NE", value: AF.UNIX }),
    ],
  };
}

const ARCHITECTURES = { x64: "SCMP_ARCH_X86_64", arm64: "SCMP_ARCH_AARCH64" } as const;
const EPERM = 1;
const ENOSYS = 38;
const WORD = 0xffff_ffff;
/** The last address family that the kernel may know; those above it are refused as one. */
const FAMILY_MAX = 255;

function refuse(names: readonly string[], ...args: readonly Comparison[]): ProfileRule {
  const rule = { names, action: "SCMP_ACT_ERRNO", errnoRet: EPERM } as const;
  return args.length === 0 ? rule : { ...rule, args };
}

/** True for a value whose bits under the mask are exactly these. */
function masked(index: number, mask: number, value: number): Comparison {
  return { index, op: "SCMP_CMP_MASKED_EQ", value: mask, valueTwo: value };
}

/** Of the 32 bits that the kernel looks at. */
function is(index: number, value: number): Comparison {
  return masked(index, WORD, value);
}

function bitsOf(bits: number): readonly number[] {
  return Array.from({ length: 32 }, (_, place) => 2 ** place).filter((bit) => (bits & bit) !== 0);
}

/** A rule for each bit, since all comparisons of one rule must be true. */
function anyBit(names: readonly string[], index: number, bits: number): readonly ProfileRule[] {
  return bitsOf(bits).map((bit) => refuse(names, masked(index, bit, bit)));
}

function createWithSetId(name: string, flags: number): readonly ProfileRule[] {
  return bitsOf(CREATE_FLAGS).flatMap((flag) =>
    bitsOf(SET_ID_BITS).map((bit) =>
      refuse([name], masked(flags, flag, flag), masked(flags + 1, bit, bit)),
    ),
  );
}

/**
 * Refuses all but the values of `PERSONALITIES`: none, one bit, and all bits. Where the top bit is not
 * set no other bit may be; where it is, none may be missing.
 */
function personalities(): readonly ProfileRule[] {
  const [, allowedBit, question] = PERSONALITIES;
  const top = 0x8000_0000;
  const others = bitsOf(question).filter((bit) => bit !== top);
  const add = (mask: number, value: number): ProfileRule =>
    refuse(["personality"], masked(0, mask, value));
  return [
    ...others.filter((bit) => bit !== allowedBit).map((bit) => add(top + bit, bit)),
    ...others.map((bit) => add(top + bit, top)),
  ];
}

function socketFamilies(): readonly ProfileRule[] {
  const allowed: readonly number[] = Object.values(AF);
  const families = Array.from({ length: FAMILY_MAX + 1 }, (_, family) => family);
  return [
    ...families
      .filter((family) => !allowed.includes(family))
      .map((family) => refuse(["socket"], is(0, family))),
    refuse(["socket"], { index: 0, op: "SCMP_CMP_GT", value: FAMILY_MAX }),
    refuse(["socket"], is(0, AF.NETLINK), { index: 2, op: "SCMP_CMP_NE", value: NETLINK_ROUTE }),
  ];
}
