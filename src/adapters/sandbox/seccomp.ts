import {
  answer,
  assemble,
  ifAnyBit,
  ifEqual,
  jump,
  label,
  type Line,
  load,
} from "./seccomp/assemble.ts";
import { type Architecture, type SyscallName, syscallNumber } from "./seccomp/numbers.ts";
import {
  ALLOW,
  ARGUMENT_RULES,
  HIDDEN_CALLS,
  PINNING_CALLS,
  REFUSE,
  REFUSED_CALLS,
} from "./seccomp/rules.ts";

/**
 * The seccomp filter of a sandbox as bubblewrap's --seccomp reads it: everything is allowed but what
 * `rules.ts` names, and a call of another architecture ends the process. A tree that is pinned cannot
 * choose its processors.
 */
export function seccompProgram(
  architecture: Architecture,
  { isPinned = false }: { readonly isPinned?: boolean } = {},
): Buffer {
  const rules = ARGUMENT_RULES.filter(({ calls }) => numbersOf(calls, architecture).length > 0);
  return assemble([
    load(ARCHITECTURE_OFFSET),
    ifEqual(AUDIT_ARCHITECTURES[architecture], null, KILL),
    load(NUMBER_OFFSET),
    ...(architecture === "x64" ? [ifAnyBit(X32_BIT, HIDE)] : []),
    // First what depends on arguments: the kernel remembers its answer to all other calls.
    ...rules.flatMap(({ calls }) => ifAmong(calls, architecture, labelOf(calls))),
    ...ifAmong(HIDDEN_CALLS, architecture, HIDE),
    ...ifAmong([...REFUSED_CALLS, ...(isPinned ? PINNING_CALLS : [])], architecture, REFUSE),
    jump(ALLOW),
    ...rules.flatMap(({ calls, lines }) => [label(labelOf(calls))].concat(lines)),
    label(ALLOW),
    answer(SECCOMP_RET_ALLOW),
    label(REFUSE),
    answer(SECCOMP_RET_ERRNO | EPERM),
    label(HIDE),
    answer(SECCOMP_RET_ERRNO | ENOSYS),
    label(KILL),
    answer(SECCOMP_RET_KILL_PROCESS),
  ]);
}

/** Offsets in struct seccomp_data, in bytes. */
const NUMBER_OFFSET = 0;
const ARCHITECTURE_OFFSET = 4;

const AUDIT_ARCHITECTURES = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;

/** Marks a call of the x32 ABI, which has the audit architecture of x64. */
const X32_BIT = 0x4000_0000;

const HIDE = "hide";
const KILL = "kill";

const SECCOMP_RET_ALLOW = 0x7fff_0000;
const SECCOMP_RET_ERRNO = 0x0005_0000;
const SECCOMP_RET_KILL_PROCESS = 0x8000_0000;

const EPERM = 1;
const ENOSYS = 38;

/** Jumps when the number that was loaded is one of these calls. */
function ifAmong(
  calls: readonly SyscallName[],
  architecture: Architecture,
  target: string,
): readonly Line[] {
  return numbersOf(calls, architecture).map((number) => ifEqual(number, target));
}

/** An architecture may lack some of the calls. */
function numbersOf(calls: readonly SyscallName[], architecture: Architecture): readonly number[] {
  return calls.map((name) => syscallNumber(name, architecture)).filter((number) => number !== null);
}

function labelOf(calls: readonly SyscallName[]): string {
  return `arguments of ${calls.join(", ")}`;
}
