import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  answer,
  assemble,
  ifAnyBit,
  ifEqual,
  jump,
  label,
  load,
} from "../../../src/adapters/sandbox/seccomp/assemble.ts";
import { SYSCALL_NAMES, syscallNumber } from "../../../src/adapters/sandbox/seccomp/numbers.ts";

const HEADERS = [
  {
    architecture: "x64",
    paths: ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"],
  },
  { architecture: "arm64", paths: ["/usr/include/asm-generic/unistd.h"] },
] as const;

describe.each(HEADERS)("the numbers of $architecture", ({ architecture, paths }) => {
  const header = paths.find((path) => existsSync(path));

  it.skipIf(header === undefined)("are those of the kernel's headers", () => {
    const text = readFileSync(header ?? "", "utf8");
    const defined = new Map(
      Array.from(text.matchAll(/^#define __NR_(\w+)\s+(\d+)$/gmu), ([, name = "", number]) => [
        name,
        Number(number),
      ]),
    );
    expect(defined.size).toBeGreaterThan(250);
    // Headers may be older than a call.
    const newest = Math.max(...defined.values());
    const told = SYSCALL_NAMES.map((name) => [name, syscallNumber(name, architecture)] as const);
    const checked = told.filter(([, number]) => number === null || number <= newest);
    expect(checked).toEqual(checked.map(([name]) => [name, defined.get(name) ?? null]));
    expect(checked.length).toBeGreaterThan(SYSCALL_NAMES.length - 5);
  });
});

it("every number of an architecture stands for one call", () => {
  for (const architecture of ["x64", "arm64"] as const) {
    const numbers = SYSCALL_NAMES.map((name) => syscallNumber(name, architecture));
    const known = numbers.filter((number) => number !== null);
    expect(new Set(known).size).toBe(known.length);
  }
});

describe("assemble", () => {
  it("writes eight bytes an instruction, with jumps counted from the next one", () => {
    const program = assemble([
      load(16),
      ifEqual(0x1122_3344, "end"),
      ifAnyBit(0x8000_0000, null, "end"),
      jump("end"),
      answer(1),
      label("end"),
      answer(0x7fff_0000),
    ]);
    expect(program.toString("hex").match(/.{16}/gu)).toEqual([
      "2000000010000000",
      "1500030044332211",
      "4500000200000080",
      "0500000001000000",
      "0600000001000000",
      "060000000000ff7f",
    ]);
  });

  const far = Array.from({ length: 255 }, () => answer(0));
  it("reaches 255 instructions far", () => {
    const program = assemble([ifEqual(1, "end"), ...far, label("end"), answer(1)]);
    expect(program.readUInt8(2)).toBe(255);
  });

  it.each([
    { why: "missing", lines: [ifEqual(1, "nowhere")], said: "label nowhere is missing" },
    {
      why: "twice there",
      lines: [label("a"), answer(0), label("a")],
      said: "label a is there twice",
    },
    { why: "behind", lines: [label("a"), jump("a")], said: "label a is -1 instructions away" },
    {
      why: "too far",
      lines: [ifEqual(1, "end"), ...far, answer(0), label("end"), answer(1)],
      said: "label end is 256 instructions away",
    },
  ])("takes no label that is $why", ({ lines, said }) => {
    expect(() => assemble(lines)).toThrow(said);
  });
});
