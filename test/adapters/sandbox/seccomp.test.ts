import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seccompProgram } from "../../../src/adapters/sandbox/seccomp.ts";
import {
  SYSCALL_NAMES,
  type SyscallName,
  syscallNumber,
} from "../../../src/adapters/sandbox/seccomp/numbers.ts";
import { BPF, instructionsOf, run } from "./bpf.ts";

const AUDIT = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const ANSWERS: Readonly<Record<number, string>> = {
  0x7fff_0000: "allowed",
  0x0005_0001: "EPERM",
  0x0005_0026: "ENOSYS",
  0x8000_0000: "killed",
};

/** Bits the kernel does not look at in an argument of 32 bits. */
const NOISE = 0xdead_beef_0000_0000n;

const REFUSED = `
  mount umount2 pivot_root chroot fsopen fsconfig fsmount fspick move_mount open_tree open_tree_attr
  mount_setattr setns keyctl add_key request_key bpf perf_event_open userfaultfd io_uring_setup
  io_uring_enter io_uring_register init_module finit_module delete_module kexec_load kexec_file_load
  reboot swapon swapoff clock_settime clock_adjtime settimeofday adjtimex acct quotactl quotactl_fd
  syslog lookup_dcookie vhangup nfsservctl iopl ioperm modify_ldt open_by_handle_at fanotify_init
  file_setattr`
  .trim()
  .split(/\s+/u) as SyscallName[];

/** Allowed and refused arguments, in the kernel's own words. */
const BY_ARGUMENTS: Readonly<
  Partial<
    Record<SyscallName, Readonly<Record<"allowed" | "EPERM", readonly (readonly bigint[])[]>>>
  >
> = {
  open: {
    // A mode without O_CREAT is whatever was in the register.
    allowed: [
      [0n, 0n, 0o4755n],
      [0n, 0o101n, 0o1777n],
      [0n, 0o20_0000n, 0o6000n],
    ],
    EPERM: [
      [0n, 0o101n, 0o4755n],
      [0n, 0o102n, 0o2755n],
      [0n, 0o2020_0002n, 0o4755n],
    ],
  },
  openat: {
    allowed: [
      [0n, 0n, 0n, 0o4755n],
      [0n, 0n, 0o101n, 0o777n],
      [0n, 0n, 0o20_0000n, 0o6000n],
    ],
    EPERM: [
      [0n, 0n, 0o101n, 0o4755n],
      [0n, 0n, 0o102n, 0o2755n],
      [0n, 0n, 0o2020_0002n, 0o4755n],
    ],
  },
  creat: {
    allowed: [[0n, 0o755n]],
    EPERM: [
      [0n, 0o4755n],
      [0n, 0o2755n],
    ],
  },
  chmod: {
    allowed: [[0n, 0o1777n]],
    EPERM: [
      [0n, 0o4755n],
      [0n, 0o2755n],
      [0n, 0o4000n],
    ],
  },
  fchmod: {
    allowed: [[0n, 0o1777n]],
    EPERM: [
      [0n, 0o4755n],
      [0n, 0o2755n],
    ],
  },
  fchmodat: {
    allowed: [[0n, 0o6000n, 0o1777n]],
    EPERM: [
      [0n, 0n, 0o4755n],
      [0n, 0n, 0o2755n],
    ],
  },
  fchmodat2: {
    allowed: [[0n, 0o6000n, 0o1777n]],
    EPERM: [
      [0n, 0n, 0o4755n],
      [0n, 0n, 0o2755n],
    ],
  },
  mknod: {
    allowed: [
      [0n, 0o10_0644n],
      [0n, 0o1_0644n],
      [0n, 0o14_0644n],
      [0n, 0o644n],
    ],
    EPERM: [
      [0n, 0o10_4755n],
      [0n, 0o10_2755n],
      [0n, 0o2_0644n],
      [0n, 0o6_0644n],
    ],
  },
  mknodat: {
    allowed: [
      [0n, 0n, 0o10_0644n],
      [0n, 0n, 0o1_0644n],
      [0n, 0n, 0o14_0644n],
    ],
    EPERM: [
      [0n, 0n, 0o10_4755n],
      [0n, 0n, 0o10_2755n],
      [0n, 0n, 0o2_0644n],
      [0n, 0n, 0o6_0644n],
    ],
  },
  ioctl: {
    // TCGETS, TIOCGWINSZ, FS_IOC_GETFLAGS, and a refused request where no request is.
    allowed: [
      [0n, 0x5401n],
      [0n, 0x5413n],
      [0n, 0x8008_6601n],
      [0x5412n, 0n, 0x5412n],
    ],
    EPERM: [
      [0n, 0x5412n],
      [0n, 0x541cn],
      [0n, 0x541dn],
      [0n, 0x4008_6602n],
      [0n, 0x4004_6602n],
      [0n, 0x401c_5820n],
    ],
  },
  clone: {
    // A fork, a thread, a vfork, and SIGCHLD in every other bit that is no namespace.
    allowed: [[17n], [0x003d_0f00n], [0x4111n], [0x81fd_ff11n], [17n, 0x1000_0000n]],
    EPERM: [
      0x2_0000n,
      0x200_0000n,
      0x400_0000n,
      0x800_0000n,
      0x1000_0000n,
      0x2000_0000n,
      0x4000_0000n,
    ].map((flag) => [flag | 17n]),
  },
  personality: {
    allowed: [[0n], [0x2_0000n], [0xffff_ffffn]],
    EPERM: [[8n], [0x4_0000n], [0x40_0000n], [0x2_0008n]],
  },
  socket: {
    allowed: [
      [1n, 1n, 0n],
      [2n, 1n, 6n],
      [10n, 2n, 17n],
      [16n, 3n, 0n],
    ],
    // Other protocols of netlink, AF_PACKET, AF_ALG, AF_VSOCK, AF_XDP, AF_UNSPEC, and none at all.
    EPERM: [
      [16n, 3n, 9n],
      [16n, 3n, 15n],
      [17n, 3n, 0n],
      [38n, 5n, 0n],
      [40n, 1n, 0n],
      [44n],
      [0n],
      [-1n],
    ],
  },
  socketpair: {
    allowed: [[1n, 1n, 0n]],
    EPERM: [
      [2n, 1n, 0n],
      [16n, 3n, 0n],
      [40n, 1n, 0n],
    ],
  },
};

/** Takes all its 64 bits: what is no flag is refused as well. */
const UNSHARE = {
  allowed: [0n, 0x200n, 0x400n, 0x4_0000n, 0x1_0000n, 0x5_0f00n],
  // The last two are no flags of today.
  EPERM: [
    0x80n,
    0x2_0000n,
    0x200_0000n,
    0x400_0000n,
    0x800_0000n,
    0x1000_0000n,
    0x2000_0000n,
    0x4000_0000n,
    0x1000_0200n,
    0x10_0000n,
    0x1_0000_0000n,
  ],
} as const;

const HIDDEN: readonly SyscallName[] = ["clone3", "openat2"];

/** Allowed, but for trees that are kept to some of the processors. */
const PINNING = ["sched_setaffinity"] as const;

it("speaks of every call it knows", () => {
  const told = [...REFUSED, ...PINNING, ...Object.keys(BY_ARGUMENTS), "unshare", ...HIDDEN];
  expect(told.toSorted()).toEqual(SYSCALL_NAMES.toSorted());
});

describe.each(["x64", "arm64"] as const)("the filter of %s", (architecture) => {
  const program = seccompProgram(architecture);
  const has = (name: string): boolean => syscallNumber(name as SyscallName, architecture) !== null;
  const answerTo = (number: number, args: readonly bigint[] = []): string | undefined =>
    ANSWERS[run(program, { auditArchitecture: AUDIT[architecture], number, arguments: args })];
  const numberOf = (name: SyscallName): number => syscallNumber(name, architecture) ?? -1;

  it("refuses to choose processors where a tree is kept to some", () => {
    const pinned = seccompProgram(architecture, { isPinned: true });
    for (const name of PINNING) {
      const call = {
        auditArchitecture: AUDIT[architecture],
        number: numberOf(name),
        arguments: [],
      };
      expect([answerTo(numberOf(name)), ANSWERS[run(pinned, call)]]).toEqual(["allowed", "EPERM"]);
    }
  });

  it.each(REFUSED.filter(has))("refuses %s", (name) => {
    expect(answerTo(numberOf(name))).toBe("EPERM");
    expect(answerTo(numberOf(name), [1n, 2n, 3n, 4n, 5n, -1n])).toBe("EPERM");
  });

  it.each(HIDDEN)("says there is no %s", (name) => {
    expect(answerTo(numberOf(name))).toBe("ENOSYS");
  });

  it.each(Object.entries(BY_ARGUMENTS).filter(([name]) => has(name)))(
    "judges %s by its arguments, and by no bit the kernel drops",
    (name, cases) => {
      const number = numberOf(name as SyscallName);
      for (const [answer, lists] of Object.entries(cases)) {
        for (const list of lists) {
          const given = list.map((argument) => `0x${BigInt.asUintN(64, argument).toString(16)}`);
          expect([given, answerTo(number, list)]).toEqual([given, answer]);
          const noisy = list.map((argument) => BigInt.asUintN(32, argument) | NOISE);
          expect([given, answerTo(number, noisy)]).toEqual([given, answer]);
        }
      }
    },
  );

  it("lets unshare only what is no namespace", () => {
    for (const [answer, flags] of Object.entries(UNSHARE)) {
      const answers = flags.map((flag) => answerTo(numberOf("unshare"), [flag]));
      expect(answers).toEqual(flags.map(() => answer));
    }
  });

  it("kills what another architecture calls", () => {
    const others = [0x4000_0003, 0x4000_0028, 0xc000_00f3, AUDIT.x64, AUDIT.arm64];
    const answers = others
      .filter((auditArchitecture) => auditArchitecture !== AUDIT[architecture])
      .map((auditArchitecture) => run(program, { auditArchitecture, number: 39 }));
    expect(answers).toEqual(answers.map(() => 0x8000_0000));
    expect(answers).toHaveLength(4);
  });

  it("knows x32 only where there is one", () => {
    const [getpid, none] = [0x4000_0000 + 39, 0xffff_ffff];
    const expected = architecture === "x64" ? "ENOSYS" : "allowed";
    expect([answerTo(getpid), answerTo(none)]).toEqual([expected, expected]);
  });

  it("allows every other call, whatever its arguments are", () => {
    const known = new Set(SYSCALL_NAMES.map(numberOf));
    const numbers = fc.oneof(fc.nat(600), fc.nat(0x3fff_ffff));
    const others = numbers.filter((number) => !known.has(number));
    const args = fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { minLength: 6, maxLength: 6 });
    fc.assert(fc.property(others, args, (number, list) => answerTo(number, list) === "allowed"));
  });

  it("always comes to one of its four answers", () => {
    const call = fc.record({
      auditArchitecture: fc.oneof(fc.constant(AUDIT[architecture]), fc.nat(0xffff_ffff)),
      number: fc.oneof(fc.constantFrom(...SYSCALL_NAMES.map(numberOf)), fc.nat(0xffff_ffff)),
      arguments: fc.array(fc.bigInt(0n, 2n ** 64n - 1n), { minLength: 6, maxLength: 6 }),
    });
    fc.assert(
      fc.property(
        call,
        (one) => ANSWERS[run(program, { ...one, number: one.number >>> 0 })] !== undefined,
      ),
    );
  });

  it("is a program the kernel takes", () => {
    const instructions = instructionsOf(program);
    expect(instructions.length).toBeLessThan(400);
    expect(instructions.at(-1)?.code).toBe(BPF.answer);
    const wrong = instructions.filter(({ code, onTrue, onFalse, value }, index) => {
      const left = instructions.length - index - 1;
      switch (code) {
        case BPF.load:
          return value % 4 !== 0 || value > 60;
        case BPF.jump:
          return value >= left;
        case BPF.equal:
        case BPF.anyBit:
          return onTrue >= left || onFalse >= left;
        default:
          return code !== BPF.answer;
      }
    });
    expect(wrong).toEqual([]);
  });
});
