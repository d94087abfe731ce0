import type { ReadStream, WriteStream } from "node:tty";
import type { InputStream, OutputStream, Prompt } from "../surfaces/cli/context.ts";

/** Wraps a stream of the process. */
export function outputStream(stream: WriteStream): OutputStream {
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY,
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
  };
}

/**
 * Wraps standard input, which is opened when it is first asked for: that alone costs some
 * milliseconds. Keys are read raw and unechoed only between `keys` and its disposal.
 */
export function inputStream(open: () => ReadStream): InputStream {
  return {
    get isTTY() {
      return open().isTTY;
    },
    keys: (onKey) => {
      const stream = open();
      const onData = (data: Buffer): void => onKey(data.toString("utf8"));
      if (stream.isTTY) stream.setRawMode(true);
      stream.on("data", onData).resume();
      return {
        [Symbol.dispose]: () => {
          stream.off("data", onData).pause();
          if (stream.isTTY) stream.setRawMode(false);
        },
      };
    },
  };
}

/** Asks line by line on the terminal; questions go to standard error so that output stays clean. */
export async function linePrompt(signal: AbortSignal): Promise<Prompt> {
  const { createInterface } = await import("node:readline/promises");
  return {
    ask: async (question, fallback) => {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const closed = new AbortController();
      lines.once("close", () => closed.abort());
      try {
        const shown = fallback === "" ? `${question} ` : `${question} [${fallback}] `;
        const both = AbortSignal.any([signal, closed.signal]);
        const answer = await lines.question(shown, { signal: both });
        return answer.trim() === "" ? fallback : answer.trim();
      } catch {
        return null;
      } finally {
        lines.close();
      }
    },
  };
}
