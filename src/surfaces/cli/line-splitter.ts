/** Longest line that is kept together; a longer one is handed on in pieces. */
const LINE_BYTES_MAX = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Makes lines of a stream of bytes. */
export interface LineSplitter {
  /** The lines that these bytes complete. */
  readonly push: (bytes: Uint8Array) => readonly string[];
  /** What came after the last newline; empty when nothing did. */
  readonly rest: () => string;
}

/** Splits bytes at newlines, so that a character cut in two by a read is put together again. */
export function makeLineSplitter(): LineSplitter {
  let carried: Uint8Array = new Uint8Array();
  return {
    push: (bytes) => {
      const all = joined(carried, bytes);
      const lines: string[] = [];
      let from = 0;
      for (let end = all.indexOf(NEWLINE); end !== -1; end = all.indexOf(NEWLINE, from)) {
        lines.push(decode(all.subarray(from, end)));
        from = end + 1;
      }
      carried = all.subarray(from);
      if (carried.length > LINE_BYTES_MAX) {
        lines.push(decode(carried));
        carried = new Uint8Array();
      }
      return lines;
    },
    rest: () => decode(carried),
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replace(/\r$/u, "");
}
