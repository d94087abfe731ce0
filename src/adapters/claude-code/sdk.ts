import type { query as SdkQuery } from "@anthropic-ai/claude-agent-sdk";

/** The SDK, loaded with its first use; null when it is not installed. */
export async function loadQuery(): Promise<typeof SdkQuery | null> {
  try {
    return (await import("@anthropic-ai/claude-agent-sdk")).query;
  } catch {
    return null;
  }
}
