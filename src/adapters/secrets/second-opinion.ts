import { constants } from "node:fs";
import { mkdir, mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ScannedText, SecretFinding } from "../../core/secrets/finding.ts";
import type { Confinement, Launcher, LaunchSpec } from "../../ports/launcher.ts";
import { findProgram } from "../process/find-program.ts";
import { runShort } from "../process/run-short.ts";
import { readReport } from "./report.ts";
import { writeSheets } from "./sheets.ts";

/** With what another scanner is asked. */
export interface SecondOpinionParts {
  readonly launcher: Launcher;
  /** Whether the launcher can keep what reads an agent's texts in a sandbox. */
  readonly isFenced: boolean;
  /** Where the scanner is looked for. */
  readonly searchPath: string;
  /** A folder of ours, for texts and report while it runs. */
  readonly temporary: string;
}

/** What another scanner says. */
export interface SecondOpinion {
  readonly program: ScannerName;
  readonly findings: readonly SecretFinding[];
  /** Why it could not say anything, in words; null when it did. */
  readonly problem: string | null;
}

/** Scanners that are used where they are on the search path, the first that is there. */
const SCANNERS = ["betterleaks", "gitleaks"] as const;
type ScannerName = (typeof SCANNERS)[number];

const TIMEOUT_MS = 120_000;
const REPORT_BYTES_MAX = 32 * 1024 * 1024;
const MEMORY_BYTES = 2 * 1024 ** 3;
const WHY_LENGTH_MAX = 200;

/**
 * Asks a scanner of secrets on this machine about the texts; null when there is none. It sees a folder
 * of ours with nothing else in it, has no network, and what it reports is checked for its form. Throws
 * only the signal's reason and errors of the disk.
 */
export async function secondOpinion(
  parts: SecondOpinionParts,
  texts: readonly ScannedText[],
  signal: AbortSignal,
): Promise<SecondOpinion | null> {
  signal.throwIfAborted();
  const program = SCANNERS.find((name) => findProgram(name, parts.searchPath) !== null);
  if (program === undefined) return null;
  const place = await mkdtemp(join(parts.temporary, "secrets-"));
  try {
    const [folder, output] = [join(place, "texts"), join(place, "report")];
    await mkdir(folder);
    await mkdir(output);
    const sheets = await writeSheets(folder, texts);
    const { code, stderr } = await runShort(
      parts.launcher,
      launchOf(parts, program, folder, output),
      TIMEOUT_MS,
      signal,
    );
    signal.throwIfAborted();
    if (code !== 0) return failed(program, `it did not end well: ${lastLine(stderr)}`);
    const report = await textOf(join(output, REPORT));
    const findings = report === null ? null : readReport(program, report, sheets);
    return findings === null
      ? failed(program, "its report cannot be read")
      : { program, findings, problem: null };
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

const REPORT = "report.json";

function launchOf(
  { isFenced, searchPath }: SecondOpinionParts,
  name: ScannerName,
  folder: string,
  output: string,
): Omit<LaunchSpec, "mark"> {
  const program = findProgram(name, searchPath) as string;
  // The first is understood by every release of version 8, the second by version 1.
  const scan = {
    gitleaks: ["detect", "--no-git", "--source", folder],
    betterleaks: ["dir", folder],
  };
  const common = ["--report-format", "json", "--report-path", join(output, REPORT)];
  return {
    command: program,
    args: [...scan[name], ...common, "--exit-code", "0", "--no-banner"],
    cwd: output,
    env: { PATH: "/usr/bin:/bin", HOME: output, LC_ALL: "C" },
    ...(isFenced ? { confinement: confinementOf(program, folder, output) } : {}),
  };
}

function confinementOf(program: string, folder: string, output: string): Confinement {
  return {
    level: "sandbox",
    own: [],
    writable: [output],
    readable: [folder, program],
    hosts: [],
    virtualHosts: [],
    limits: {
      memoryBytes: MEMORY_BYTES,
      cpus: null,
      processes: 64,
      fileBytes: REPORT_BYTES_MAX,
      diskBytes: null,
      files: null,
    },
  };
}

/** A file's text, when it is a file of bearable length and no link. */
async function textOf(path: string): Promise<string | null> {
  const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
  try {
    await using file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > REPORT_BYTES_MAX) return null;
    return await file.readFile("utf8");
  } catch {
    return null;
  }
}

function failed(program: ScannerName, why: string): SecondOpinion {
  return { program, findings: [], problem: `${program} was asked, but ${why}` };
}

function lastLine(text: string): string {
  const last = text.trim().split("\n").at(-1)?.slice(0, WHY_LENGTH_MAX);
  return last || "it said nothing";
}
