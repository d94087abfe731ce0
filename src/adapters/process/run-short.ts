import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import type { Launcher, LaunchSpec } from "../../ports/launcher.ts";
import { childEnd } from "./ending.ts";

/** What is kept of each stream of a short command when nobody says more. */
const OUTPUT_MAX_BYTES = 256 * 1024;

/** How a short command ended; `code` is null when it was ended or could not be started. */
export interface ShortRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a small program to its end through the launcher; never throws. Ended after `timeoutMs`. Of each
 * stream little more than `maxBytes` is kept.
 */
export async function runShort(
  launcher: Launcher,
  spec: Omit<LaunchSpec, "mark">,
  timeoutMs: number,
  signal?: AbortSignal,
  maxBytes: number = OUTPUT_MAX_BYTES,
): Promise<ShortRun> {
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])];
  const limit = AbortSignal.any(limits);
  try {
    limit.throwIfAborted();
    const { child, kill } = launcher.spawn({ ...spec, mark: `short/${randomUUID()}` });
    const stop = (): void => void kill(0);
    limit.addEventListener("abort", stop, { once: true });
    child.stdin?.on("error", () => {});
    child.stdin?.end();
    const output = Promise.all([collect(child.stdout, maxBytes), collect(child.stderr, maxBytes)]);
    const end = await childEnd(child);
    await kill(0);
    limit.removeEventListener("abort", stop);
    const [stdout, stderr] = await output;
    return { code: end.signal === null ? end.code : null, stdout, stderr };
  } catch (error) {
    return { code: null, stdout: "", stderr: error instanceof Error ? error.message : "" };
  }
}

async function collect(stream: Readable | null, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (stream === null) return "";
  try {
    for await (const chunk of stream) {
      if (bytes < maxBytes) chunks.push(chunk as Uint8Array);
      bytes += (chunk as Uint8Array).byteLength;
    }
  } catch {
    // A broken pipe ends the output; what came before is kept.
  }
  return Buffer.concat(chunks).toString("utf8");
}
