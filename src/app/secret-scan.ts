import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { secondOpinion } from "../adapters/secrets/second-opinion.ts";
import { BASELINE_PATH } from "../core/secrets/baseline.ts";
import { describeFindings } from "../core/secrets/describe.ts";
import { diffTexts } from "../core/secrets/diff.ts";
import { fileText } from "../core/secrets/file-texts.ts";
import { findSecrets } from "../core/secrets/find.ts";
import type { ScannedText } from "../core/secrets/finding.ts";
import { type KnownSecret, secretsOfEnvironment } from "../core/secrets/known.ts";
import type { Branches } from "../ports/branches.ts";
import type { Launcher } from "../ports/launcher.ts";
import type { Outgoing, SecretScan } from "../ports/publishing.ts";

/** What is looked through with. */
export interface SecretScanParts {
  readonly branches: Branches;
  /** With what the file `.env` of the home adds: its secrets are known ones. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Names of variables that the settings call tokens, whatever they are named. */
  readonly tokenVariables: readonly string[];
  readonly launcher: Launcher;
  readonly isFenced: boolean;
  readonly searchPath: string;
}

const BASELINE_BYTES_MAX = 1024 * 1024;
/** A file that git takes for binary is read whole up to so much, and so many of them. */
const BINARY_BYTES_MAX = 8 * 1024 * 1024;
const BINARIES_MAX = 200;
const NONE = { blocking: [], warnings: [], allowed: [] };

/** Looks through everything that leaves with a result, with our own rules and another scanner where there is one. */
export async function scanForSecrets(
  parts: SecretScanParts,
  outgoing: Outgoing,
  signal: AbortSignal,
): Promise<SecretScan> {
  const { branches } = parts;
  const { project, base } = outgoing;
  const { texts, unread } = await textsOf(branches, outgoing);
  const baseline = await branches.fileAt(project, base, BASELINE_PATH, BASELINE_BYTES_MAX);
  const temporary = tmpdir();
  const other = await secondOpinion({ ...parts, temporary }, texts, signal);
  const { blocking, warnings, allowed } = findSecrets(texts, {
    known: knownSecrets(parts),
    baseline: baseline === null ? null : Buffer.from(baseline).toString(),
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    others: other?.findings ?? [],
  });
  const left =
    unread === 0 ? [] : [`${unread} large or many binary files were not looked through.`];
  const problem = other?.problem == null ? [] : [`${other.program} said nothing: ${other.problem}`];
  return {
    blocking: describeFindings({ ...NONE, blocking }),
    warnings: [...describeFindings({ ...NONE, warnings, allowed }), ...left, ...problem],
  };
}

async function textsOf(
  branches: Branches,
  { project, commit, branch, diff, message, words }: Outgoing,
): Promise<{ readonly texts: readonly ScannedText[]; readonly unread: number }> {
  const found = diffTexts(diff);
  const texts: ScannedText[] = [
    ...found.texts,
    { where: { kind: "file-name" }, text: branch },
    { where: { kind: "message" }, text: message },
    ...words.map((text): ScannedText => ({ where: { kind: "pull-request" }, text })),
  ];
  let unread = Math.max(0, found.unread.length - BINARIES_MAX);
  for (const path of found.unread.slice(0, BINARIES_MAX)) {
    const bytes = await branches.fileAt(project, commit, path, BINARY_BYTES_MAX);
    if (bytes === null) unread += 1;
    else texts.push(fileText(path, bytes));
  }
  return { texts, unread };
}

function knownSecrets({ env, tokenVariables }: SecretScanParts): readonly KnownSecret[] {
  const named = tokenVariables.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [{ name, value }];
  });
  return [...secretsOfEnvironment(env), ...named];
}
