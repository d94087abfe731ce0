/** A system call as a filter sees it: every argument has 64 bits. */
export interface Call {
  readonly auditArchitecture: number;
  readonly number: number;
  readonly arguments?: readonly bigint[];
}

export interface Instruction {
  readonly code: number;
  readonly onTrue: number;
  readonly onFalse: number;
  readonly value: number;
}

export const BPF = { load: 0x20, jump: 0x05, equal: 0x15, anyBit: 0x45, answer: 0x06 } as const;

export function instructionsOf(program: Buffer): readonly Instruction[] {
  if (program.length % 8 !== 0) throw new Error("half an instruction");
  return Array.from({ length: program.length / 8 }, (_, index) => ({
    code: program.readUInt16LE(index * 8),
    onTrue: program.readUInt8(index * 8 + 2),
    onFalse: program.readUInt8(index * 8 + 3),
    value: program.readUInt32LE(index * 8 + 4),
  }));
}

/** What the kernel would answer; throws where the kernel would not take the program. */
export function run(program: Buffer, call: Call): number {
  const instructions = instructionsOf(program);
  const data = dataOf(call);
  let word = 0;
  let place = 0;
  for (;;) {
    const instruction = instructions[place];
    if (instruction === undefined) throw new Error("ran out of the program");
    const { code, onTrue, onFalse, value } = instruction;
    place += 1;
    if (code === BPF.load) word = data.readUInt32LE(value);
    else if (code === BPF.jump) place += value;
    else if (code === BPF.equal) place += word === value ? onTrue : onFalse;
    else if (code === BPF.anyBit) place += (word & value) === 0 ? onFalse : onTrue;
    else if (code === BPF.answer) return value;
    else throw new Error(`unknown instruction ${code}`);
  }
}

/** The call as struct seccomp_data. */
function dataOf(call: Call): Buffer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE(call.auditArchitecture, 4);
  for (const [index, argument] of (call.arguments ?? []).entries()) {
    data.writeBigUInt64LE(BigInt.asUintN(64, argument), 16 + 8 * index);
  }
  return data;
}
