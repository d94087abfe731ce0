/** One line of a classic BPF program; a jump to null goes on with the next line. */
export type Line =
  | { readonly kind: "label"; readonly name: string }
  | { readonly kind: "load"; readonly offset: number }
  | {
      readonly kind: "if";
      readonly test: "equal" | "any-bit";
      readonly value: number;
      readonly onTrue: string | null;
      readonly onFalse: string | null;
    }
  | { readonly kind: "jump"; readonly target: string }
  | { readonly kind: "answer"; readonly value: number };

/** The program as the kernel reads it, 8 bytes an instruction; throws for a label that is missing, behind, or too far. */
export function assemble(lines: readonly Line[]): Buffer {
  const instructions = lines.filter((line) => line.kind !== "label");
  const places = placesOf(lines);
  const bytes = Buffer.alloc(instructions.length * INSTRUCTION_BYTES);
  for (const [index, line] of instructions.entries()) {
    encode(line, (target) => distance(places, index, target)).copy(
      bytes,
      index * INSTRUCTION_BYTES,
    );
  }
  return bytes;
}

/** A place jumps can name. */
export function label(name: string): Line {
  return { kind: "label", name };
}

/** Takes the 32-bit word at this offset in bytes of what the kernel says of a call. */
export function load(offset: number): Line {
  return { kind: "load", offset };
}

/** Jumps by whether the word is this value. */
export function ifEqual(value: number, onTrue: string | null, onFalse: string | null = null): Line {
  return { kind: "if", test: "equal", value, onTrue, onFalse };
}

/** Jumps by whether the word has any of these bits. */
export function ifAnyBit(
  value: number,
  onTrue: string | null,
  onFalse: string | null = null,
): Line {
  return { kind: "if", test: "any-bit", value, onTrue, onFalse };
}

/** Jumps always. */
export function jump(target: string): Line {
  return { kind: "jump", target };
}

/** Ends the program with this answer. */
export function answer(value: number): Line {
  return { kind: "answer", value };
}

/** Size of struct sock_filter: u16 code, u8 jt, u8 jf, u32 k. */
const INSTRUCTION_BYTES = 8;

/** A jump counts the instructions it skips in one byte. */
const FARTHEST_JUMP = 255;

/** BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_JMP|BPF_JSET|BPF_K, BPF_JMP|BPF_JA, BPF_RET|BPF_K. */
const CODES = { load: 0x20, equal: 0x15, "any-bit": 0x45, jump: 0x05, answer: 0x06 } as const;

/** The index of the instruction that follows each label. */
function placesOf(lines: readonly Line[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  let index = 0;
  for (const line of lines) {
    if (line.kind !== "label") index += 1;
    else if (places.has(line.name)) throw new Error(`label ${line.name} is there twice`);
    else places.set(line.name, index);
  }
  return places;
}

function distance(
  places: ReadonlyMap<string, number>,
  from: number,
  target: string | null,
): number {
  if (target === null) return 0;
  const place = places.get(target);
  if (place === undefined) throw new Error(`label ${target} is missing`);
  const skipped = place - from - 1;
  if (skipped < 0 || skipped > FARTHEST_JUMP) {
    throw new Error(`label ${target} is ${skipped} instructions away`);
  }
  return skipped;
}

function encode(
  line: Exclude<Line, { readonly kind: "label" }>,
  skips: (target: string | null) => number,
): Buffer {
  switch (line.kind) {
    case "load":
      return instruction(CODES.load, 0, 0, line.offset);
    case "if":
      return instruction(CODES[line.test], skips(line.onTrue), skips(line.onFalse), line.value);
    case "jump":
      return instruction(CODES.jump, 0, 0, skips(line.target));
    case "answer":
      return instruction(CODES.answer, 0, 0, line.value);
  }
}

function instruction(code: number, onTrue: number, onFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(INSTRUCTION_BYTES);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(onTrue, 2);
  bytes.writeUInt8(onFalse, 3);
  bytes.writeUInt32LE(value, 4);
  return bytes;
}
