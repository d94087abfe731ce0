import * as fc from "fast-check";
import { expect, it } from "vitest";
import {
  type Comparison,
  seccompProfile,
} from "../../../../src/adapters/sandbox/container/seccomp-profile.ts";
import { seccompProgram } from "../../../../src/adapters/sandbox/seccomp.ts";
import {
  SYSCALL_NAMES,
  type SyscallName,
  syscallNumber,
} from "../../../../src/adapters/sandbox/seccomp/numbers.ts";
import { run } from "../bpf.ts";

const AUDIT = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const ALLOWED = 0x7fff_0000;
const REFUSED = 0x0005_0000;

/** What an engine's library makes of a call. */
function answerOf(name: string, args: readonly bigint[]): number {
  const rule = seccompProfile("x64").syscalls.find(
    ({ names, args: comparisons = [] }) =>
      names.includes(name) && comparisons.every((each) => isTrue(each, args[each.index] ?? 0n)),
  );
  return rule === undefined ? ALLOWED : REFUSED | rule.errnoRet;
}

function isTrue({ op, value, valueTwo = 0 }: Comparison, argument: bigint): boolean {
  if (op === "SCMP_CMP_MASKED_EQ") return (argument & BigInt(value)) === BigInt(valueTwo);
  return op === "SCMP_CMP_NE" ? argument !== BigInt(value) : argument > BigInt(value);
}

/** Numbers near to those that decide: single bits and few together, all bits, small ones, any. */
const word = fc.oneof(
  fc.integer({ min: 0, max: 31 }).map((bit) => 1n << BigInt(bit)),
  fc
    .array(fc.integer({ min: 0, max: 31 }), { maxLength: 3 })
    .map((bits) => bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n)),
  fc.integer({ min: 0, max: 300 }).map(BigInt),
  fc.constantFrom(
    0xffff_ffffn,
    0xffff_fffen,
    0xfffd_ffffn,
    0o4755n,
    0o101n,
    0x5412n,
    0x541cn,
    0x541dn,
    0x4008_6602n,
    0x4004_6602n,
    0x401c_5820n,
  ),
  fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
);

it("the profile of engines answers every call as the sandbox's own filter does", () => {
  const program = seccompProgram("x64");
  const call = fc.record({
    name: fc.constantFrom<SyscallName>(...SYSCALL_NAMES),
    args: fc.tuple(word, word, word, word),
  });
  fc.assert(
    fc.property(call, ({ name, args }) => {
      const number = syscallNumber(name, "x64");
      fc.pre(number !== null);
      const own = run(program, {
        auditArchitecture: AUDIT.x64,
        number: number ?? 0,
        arguments: args,
      });
      expect(answerOf(name, args)).toBe(own);
    }),
    { numRuns: 20_000 },
  );
});

it("is for one architecture, whose name engines know", () => {
  expect(seccompProfile("arm64").architectures).toEqual(["SCMP_ARCH_AARCH64"]);
  expect(seccompProfile("x64").defaultAction).toBe("SCMP_ACT_ALLOW");
});

it("compares no argument twice in one rule: engines would take the comparisons for alternatives", () => {
  for (const { args = [] } of seccompProfile("x64").syscalls) {
    expect(new Set(args.map(({ index }) => index)).size).toBe(args.length);
  }
});

it("holds only numbers that survive being written as JSON", () => {
  const profile = seccompProfile("x64");
  expect(JSON.parse(JSON.stringify(profile))).toEqual(profile);
  for (const { args = [] } of profile.syscalls) {
    for (const { value, valueTwo = 0 } of args) {
      expect([value, valueTwo].every((each) => Number.isSafeInteger(each) && each >= 0)).toBe(true);
    }
  }
});
