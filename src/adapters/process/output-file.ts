import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** What one file of a run's output may hold; the rest is counted and dropped. */
export const OUTPUT_FILE_MAX_BYTES: number = 64 * 1024 * 1024;

/** A file that an agent's output is streamed to: bounded, and never a reason for the agent to wait long. */
export interface OutputFile {
  /** Resolves when the bytes are with the system. Never rejects: after a failed write all is dropped. */
  readonly write: (chunk: Uint8Array) => Promise<void>;
  /** Notes at the end what was dropped; answers what became of it. */
  readonly close: () => Promise<OutputFileEnd>;
}

/** What became of an output file; `error` is the first failure of the file system. */
interface OutputFileEnd {
  readonly bytes: number;
  readonly droppedBytes: number;
  readonly error: NodeJS.ErrnoException | null;
}

/** Begins `path` afresh; a link in its place is refused. `onError` is told of the first failure at once. */
export async function openOutputFile(
  path: string,
  onError: (error: NodeJS.ErrnoException) => void,
  maxBytes: number = OUTPUT_FILE_MAX_BYTES,
): Promise<OutputFile> {
  const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600);
  let bytes = 0;
  let droppedBytes = 0;
  let error: NodeJS.ErrnoException | null = null;

  const append = async (chunk: Uint8Array): Promise<void> => {
    try {
      await file.writeFile(chunk);
      bytes += chunk.byteLength;
    } catch (reason) {
      error = reason as NodeJS.ErrnoException;
      droppedBytes += chunk.byteLength;
      onError(error);
    }
  };

  return {
    write: async (chunk) => {
      const room = error === null ? maxBytes - bytes : 0;
      if (droppedBytes > 0 || room <= 0) droppedBytes += chunk.byteLength;
      else if (chunk.byteLength <= room) await append(chunk);
      else {
        droppedBytes += chunk.byteLength - room;
        await append(chunk.subarray(0, room));
      }
    },
    close: async () => {
      if (droppedBytes > 0 && error === null) {
        await append(Buffer.from(`\n[${droppedBytes} more bytes were dropped here]\n`));
      }
      await file.close();
      return { bytes, droppedBytes, error };
    },
  };
}
