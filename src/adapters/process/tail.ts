/** The last bytes of a stream, as text. */
export interface Tail {
  readonly add: (chunk: Uint8Array) => void;
  /** What is kept, decoded as UTF-8; broken bytes become U+FFFD. */
  readonly text: () => string;
}

/** Keeps at most `maxBytes` (and the chunk that crosses them while it grows) in memory. */
export function createTail(maxBytes: number): Tail {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  const trimmed = (): Buffer => {
    const all = Buffer.concat(chunks);
    return all.subarray(Math.max(0, all.byteLength - maxBytes));
  };
  return {
    add: (chunk) => {
      chunks.push(chunk);
      bytes += chunk.byteLength;
      if (bytes > 2 * maxBytes) {
        // Copied, so that the chunks it was cut from can be freed.
        const kept = Uint8Array.from(trimmed());
        chunks = [kept];
        bytes = kept.byteLength;
      }
    },
    text: () => new TextDecoder().decode(trimmed().subarray(brokenStart(trimmed()))),
  };
}

/** How many bytes at the start belong to a character that was cut in two. */
function brokenStart(bytes: Uint8Array): number {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return start;
}
