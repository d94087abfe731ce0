import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Launcher } from "../../ports/launcher.ts";
import { findProgram } from "../process/find-program.ts";
import { runShort } from "../process/run-short.ts";

/** The first version whose rate_limit_event tells every quota window. */
export const CLAUDE_VERSION_MIN = "2.1.259";

const VERSION_TIMEOUT_MS = 15_000;

/** The Claude Code program that is used, or why there is none. */
export type FoundBinary =
  | {
      readonly ok: true;
      readonly path: string;
      readonly version: string;
      readonly origin: "own" | "bundled";
      /** Why the user's own program is not the one, if it is there. */
      readonly note: string | null;
    }
  | { readonly ok: false; readonly reason: string };

/** Where to look. */
export interface BinaryOptions {
  readonly launcher: Launcher;
  readonly env: Readonly<Record<string, string>>;
  /** An absolute path from the configuration; then no other is tried. */
  readonly executable?: string | undefined;
  /** The program that the SDK brings along; null for none. Found by itself when absent. */
  readonly bundled?: string | null | undefined;
}

/** Finds the program: the user's own when new enough, else the one the SDK brings along. */
export function createBinaryFinder(
  options: BinaryOptions,
): (signal?: AbortSignal) => Promise<FoundBinary> {
  const versions = new Map<string, string>();
  const bundled = options.bundled === undefined ? bundledBinary() : options.bundled;
  const versionOf = async (path: string, signal?: AbortSignal): Promise<string | null> => {
    const key = fingerprint(path);
    const known = versions.get(key);
    if (known !== undefined) return known;
    const spec = { command: path, args: ["--version"], cwd: "/", env: options.env };
    const { stdout } = await runShort(options.launcher, spec, VERSION_TIMEOUT_MS, signal);
    const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? null;
    if (version !== null) versions.set(key, version);
    return version;
  };

  return async (signal) => {
    const own = findProgram(options.executable ?? "claude", options.env["PATH"]);
    const ownVersion = own === null ? null : await versionOf(own, signal);
    if (own !== null && ownVersion !== null && isAtLeast(ownVersion, CLAUDE_VERSION_MIN)) {
      return { ok: true, path: own, version: ownVersion, origin: "own", note: null };
    }
    const problem = problemWith(options, own, ownVersion);
    if (bundled === null || options.executable !== undefined) return { ok: false, reason: problem };
    const version = await versionOf(bundled, signal);
    if (version === null) return { ok: false, reason: `${bundled} does not tell its version.` };
    const note = own === null ? null : problem;
    return { ok: true, path: bundled, version, origin: "bundled", note };
  };
}

/** Compares versions of three numbers. */
export function isAtLeast(version: string, min: string): boolean {
  const [a, b] = [version, min].map((each) => each.split(".").map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (a?.[index] ?? 0) - (b?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function problemWith(options: BinaryOptions, own: string | null, version: string | null): string {
  const hint = `install Claude Code ${CLAUDE_VERSION_MIN} or newer`;
  if (own === null) return `The program ${options.executable ?? "claude"} was not found: ${hint}.`;
  if (version === null) return `${own} does not tell its version: ${hint}.`;
  return `${own} is version ${version}, which is too old: ${hint}.`;
}

/** The program in the SDK's package for this platform; null when that package is not installed. */
function bundledBinary(): string | null {
  const require = createRequire(import.meta.url);
  const base = `@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}`;
  for (const name of [base, `${base}-musl`]) {
    try {
      return findProgram(join(dirname(require.resolve(`${name}/package.json`)), "claude"), "");
    } catch {
      // Not this one.
    }
  }
  return null;
}

/** Changes when the program is replaced by an update. */
function fingerprint(path: string): string {
  const { mtimeMs, size } = statSync(path);
  return `${path} ${mtimeMs} ${size}`;
}
