import type { Attempt } from "../../core/attempt.ts";
import type { CliContext } from "./context.ts";

/** Longest final text that is shown; the file has all of it. */
const FINAL_BYTES_MAX = 65_536;

/** The final words of the newest attempt that succeeded; null when there are none. */
export async function finalText(
  context: CliContext,
  attempts: readonly Attempt[],
): Promise<string | null> {
  const folder = attempts.findLast((attempt) => attempt.outcome?.type === "succeeded")?.results;
  if (folder === undefined || folder === null) return null;
  const range = { offset: 0, length: FINAL_BYTES_MAX };
  const part = await context.readResult(folder, "final.md", range);
  if (part === null) return null;
  const cut = part.size > part.bytes.length ? `\n… (all of it is in ${folder}/final.md)` : "";
  return new TextDecoder().decode(part.bytes) + cut;
}
