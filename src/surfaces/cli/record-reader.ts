import type { ByteRange, FilePart } from "./context.ts";
import { makeLineSplitter } from "./line-splitter.ts";

/** First and longest stretch that is read from the end of a record to find enough lines. */
const TAIL_BYTES_FIRST = 262_144;
const TAIL_BYTES_MAX = 16_777_216;
const READ_BYTES = 65_536;

/** Reads a part of one record; null when it is not there. */
export type ReadPart = (range: ByteRange) => Promise<FilePart | null>;

/** The end of a record. */
export interface RecordTail {
  /** Whole lines, oldest first. */
  readonly lines: readonly string[];
  /** What stands behind the last newline. */
  readonly rest: string;
  /** The byte behind the last whole line: where following begins. */
  readonly reached: number;
}

/** Reads back from the end until `enough` is satisfied with the lines, the record or the limit ends. */
export async function readTail(
  read: ReadPart,
  enough: (lines: readonly string[]) => boolean,
): Promise<RecordTail> {
  for (let length = TAIL_BYTES_FIRST; ; length *= 4) {
    const part = await read({ offset: -length, length });
    if (part === null) return { lines: [], rest: "", reached: 0 };
    const tail = tailOf(part);
    if (part.offset === 0 || length >= TAIL_BYTES_MAX || enough(tail.lines)) return tail;
  }
}

function tailOf({ bytes, offset }: FilePart): RecordTail {
  const splitter = makeLineSplitter();
  const lines = splitter.push(bytes);
  const reached = offset + bytes.lastIndexOf(NEWLINE) + 1;
  // The first line of a stretch from the middle has lost its beginning.
  return { lines: offset === 0 ? lines : lines.slice(1), rest: splitter.rest(), reached };
}

const NEWLINE = 0x0a;

/**
 * Hands on the lines that are written behind byte `from`, in order. When nothing new is there,
 * `next` waits and says whether more may come; the last words need no newline.
 */
export async function followRecord(
  read: ReadPart,
  from: number,
  onLines: (lines: readonly string[]) => void,
  next: () => Promise<"more" | "ended" | "stop">,
): Promise<void> {
  const splitter = makeLineSplitter();
  let offset = from;
  let ended = false;
  for (;;) {
    const bytes = (await read({ offset, length: READ_BYTES }))?.bytes ?? new Uint8Array();
    offset += bytes.length;
    if (bytes.length > 0) onLines(splitter.push(bytes));
    else if (ended) break;
    else {
      const answer = await next();
      if (answer === "stop") return;
      ended = answer === "ended";
    }
  }
  if (splitter.rest() !== "") onLines([splitter.rest()]);
}
