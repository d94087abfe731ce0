import { ifAnyBit, ifEqual, jump, type Line, load } from "./assemble.ts";
import type { SyscallName } from "./numbers.ts";

/** The label where a call is let through. */
export const ALLOW = "allow";

/** The label where a call is answered with EPERM. */
export const REFUSE = "refuse";

/** Calls whose arguments decide; the lines always end at one of the labels here. */
export interface ArgumentRule {
  readonly calls: readonly SyscallName[];
  readonly lines: readonly Line[];
}

/** Answered with ENOSYS: their arguments lie in memory no filter can read, and libc falls back to the older call. */
export const HIDDEN_CALLS: readonly SyscallName[] = ["clone3", "openat2"];

/** Answered with EPERM whatever their arguments are. */
export const REFUSED_CALLS: readonly SyscallName[] = [
  // Mounts and namespaces: a task can neither change what it sees nor leave it.
  "mount",
  "umount2",
  "pivot_root",
  "chroot",
  "fsopen",
  "fsconfig",
  "fsmount",
  "fspick",
  "move_mount",
  "open_tree",
  "open_tree_attr",
  "mount_setattr",
  "setns",
  // Keyrings belong to the user, whatever the namespace.
  "keyctl",
  "add_key",
  "request_key",
  // Large parts of the kernel that builds do not need.
  "bpf",
  "perf_event_open",
  "userfaultfd",
  // What is asked for in a ring is seen by no filter.
  "io_uring_setup",
  "io_uring_enter",
  "io_uring_register",
  // The whole machine: modules, kernels, swap, clock, accounting, quota, log, terminals, ports.
  "init_module",
  "finit_module",
  "delete_module",
  "kexec_load",
  "kexec_file_load",
  "reboot",
  "swapon",
  "swapoff",
  "clock_settime",
  "clock_adjtime",
  "settimeofday",
  "adjtimex",
  "acct",
  "quotactl",
  "quotactl_fd",
  "syslog",
  "lookup_dcookie",
  "vhangup",
  "nfsservctl",
  "iopl",
  "ioperm",
  "modify_ldt",
  // Files that are not mounted here, and what others do with theirs.
  "open_by_handle_at",
  "fanotify_init",
  // Does what FS_IOC_SETFLAGS and FS_IOC_FSSETXATTR do.
  "file_setattr",
];

/** Refused besides where a tree is kept to some of the processors. */
export const PINNING_CALLS: readonly SyscallName[] = ["sched_setaffinity"];

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET; CLONE_NEWTIME is a signal number here. */
export const NAMESPACE_FLAGS = 0x7e02_0000;

/** CLONE_VM, FS, FILES, SIGHAND, THREAD and SYSVSEM: what unshare() takes that is no namespace. */
export const NO_NAMESPACE_FLAGS = 0x0005_0f00;

/** S_ISUID and S_ISGID. */
export const SET_ID_BITS = 0o6000;

/** The bit of S_IFMT that S_IFCHR and S_IFBLK have and S_IFREG, S_IFIFO and S_IFSOCK do not. */
export const DEVICE_BIT = 0o2_0000;

/** O_CREAT and the bit of O_TMPFILE that is not O_DIRECTORY: with either, open() reads its mode. */
export const CREATE_FLAGS: number = 0o100 | 0o2000_0000;

/** PER_LINUX, UNAME26, and the question which one it is. */
export const PERSONALITIES = [0, 0x0002_0000, 0xffff_ffff] as const;

/** Requests that type into a terminal, or set attributes which keep a file from being removed. */
export const REFUSED_REQUESTS = {
  TIOCSTI: 0x5412,
  TIOCLINUX: 0x541c,
  TIOCCONS: 0x541d,
  FS_IOC_SETFLAGS: 0x4008_6602,
  FS_IOC32_SETFLAGS: 0x4004_6602,
  FS_IOC_FSSETXATTR: 0x401c_5820,
} as const;

/** The families of sockets that programs get, in the kernel's numbers. */
export const AF = { UNIX: 1, INET: 2, INET6: 10, NETLINK: 16 } as const;

/** What of NETLINK they get: the list of their own interfaces. */
export const NETLINK_ROUTE = 0;

/** Offset of the arguments in struct seccomp_data, in bytes; each has its low word first. */
const ARGUMENTS_OFFSET = 16;
const ARGUMENT_BYTES = 8;
const WORD_BYTES = 4;

/** Refused by what their arguments say; no call is in two rules. */
export const ARGUMENT_RULES: readonly ArgumentRule[] = [
  { calls: ["open"], lines: createWithSetId(1, 2) },
  { calls: ["openat"], lines: createWithSetId(2, 3) },
  { calls: ["creat", "chmod", "fchmod"], lines: anyBit(1, SET_ID_BITS) },
  { calls: ["fchmodat", "fchmodat2"], lines: anyBit(2, SET_ID_BITS) },
  { calls: ["mknod"], lines: anyBit(1, SET_ID_BITS | DEVICE_BIT) },
  { calls: ["mknodat"], lines: anyBit(2, SET_ID_BITS | DEVICE_BIT) },
  // mkdir and mkdirat may ask for these bits: the kernel drops them.
  { calls: ["ioctl"], lines: noneOf(1, Object.values(REFUSED_REQUESTS)) },
  { calls: ["clone"], lines: anyBit(0, NAMESPACE_FLAGS) },
  { calls: ["unshare"], lines: onlyBits(0, NO_NAMESPACE_FLAGS) },
  { calls: ["personality"], lines: oneOf(0, PERSONALITIES) },
  { calls: ["socket"], lines: socketFamilies() },
  { calls: ["socketpair"], lines: oneOf(0, [AF.UNIX]) },
];

function createWithSetId(flags: number, mode: number): readonly Line[] {
  return [load(low(flags)), ifAnyBit(CREATE_FLAGS, null, ALLOW), ...anyBit(mode, SET_ID_BITS)];
}

function anyBit(argument: number, bits: number): readonly Line[] {
  return [load(low(argument)), ifAnyBit(bits, REFUSE, ALLOW)];
}

/** The whole 64 bits are looked at: the kernel takes them all. */
function onlyBits(argument: number, bits: number): readonly Line[] {
  return [
    load(high(argument)),
    ifEqual(0, null, REFUSE),
    load(low(argument)),
    ifAnyBit(~bits >>> 0, REFUSE, ALLOW),
  ];
}

function noneOf(argument: number, values: readonly number[]): readonly Line[] {
  return [load(low(argument)), ...values.map((value) => ifEqual(value, REFUSE)), jump(ALLOW)];
}

function oneOf(argument: number, values: readonly number[]): readonly Line[] {
  return [load(low(argument)), ...values.map((value) => ifEqual(value, ALLOW)), jump(REFUSE)];
}

function socketFamilies(): readonly Line[] {
  return [
    load(low(0)),
    ifEqual(AF.UNIX, ALLOW),
    ifEqual(AF.INET, ALLOW),
    ifEqual(AF.INET6, ALLOW),
    ifEqual(AF.NETLINK, null, REFUSE),
    ...oneOf(2, [NETLINK_ROUTE]),
  ];
}

/** Most arguments are 32 bits wide: the kernel drops the rest, and so it must not decide here. */
function low(argument: number): number {
  return ARGUMENTS_OFFSET + argument * ARGUMENT_BYTES;
}

function high(argument: number): number {
  return low(argument) + WORD_BYTES;
}
