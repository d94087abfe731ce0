import { createLauncher } from "../../src/adapters/process/launcher.ts";
import { openSandbox } from "../../src/adapters/sandbox/open-sandbox.ts";
import type { Launcher } from "../../src/ports/launcher.ts";

/** How far tasks are kept apart, from the most to nothing. */
export const LEVELS = ["sandbox", "process", "none"] as const;
export type Level = (typeof LEVELS)[number];

/** What starts the acts of a level. */
export interface Launchers {
  /** With the world's loopback as an operator's own hosts. */
  readonly open: Launcher;
  /** With no private address allowed. */
  readonly strict: Launcher;
}

/** The launchers of a level as the daemon makes them; the reason when there is no sandbox here. */
export async function launchersOf(level: Level): Promise<Launchers | { readonly missing: string }> {
  if (level !== "sandbox") {
    const launcher = await createLauncher({ bwrap: level === "none" ? "off" : "auto" });
    return { open: launcher, strict: launcher };
  }
  const fenced = async (privateAllowed: readonly string[]): Promise<Launcher | string> => {
    const searchPath = process.env["PATH"] ?? "/usr/bin:/bin";
    const sandbox = await openSandbox({ searchPath, temporary: "/tmp", privateAllowed });
    return sandbox.ok
      ? await createLauncher({ fences: { sandbox: sandbox.fence } })
      : sandbox.reason;
  };
  const open = await fenced(["127.0.0.1", "::1"]);
  const strict = await fenced([]);
  if (typeof open === "string") return { missing: open };
  return typeof strict === "string" ? { missing: strict } : { open, strict };
}
