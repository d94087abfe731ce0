import type { LeftOut } from "../../ports/workspaces.ts";
import type { Captured, CaptureTarget } from "./capture.ts";
import { coneOfValue } from "./cone.ts";
import type { Aside } from "./set-aside.ts";

/** What the program behind the fence is to do. */
export interface CaptureOrder {
  readonly target: Omit<CaptureTarget, "isOurs">;
  /** The git program. */
  readonly program: string;
  /** The one folder besides the work tree that it may write. */
  readonly scratch: string;
  /** Where the pack of new objects is to be, when there are any. */
  readonly pack: string;
  /** Where the archive of what no tree holds is to be, when there is any. */
  readonly archive: string;
  /** The folder's `.git` is as we made it. */
  readonly isGitAsMade: boolean;
  readonly timeoutMs: number;
}

/** What it says. It has read what an agent wrote: no word of it is believed before it is looked at. */
export type CaptureAnswer =
  | {
      readonly ok: true;
      readonly captured: Captured;
      readonly isPacked: boolean;
      readonly aside: Aside;
    }
  | {
      readonly ok: false;
      readonly message: string;
      /** What git complained of, when it was git that failed. */
      readonly stderr: string | null;
      readonly code: string | null;
    };

const HASH = /^[0-9a-f]{40}$/u;
const REASONS: ReadonlySet<unknown> = new Set<LeftOut["reason"]>([
  "too-large",
  "unreadable",
  "unnamable",
  "too-deep",
]);

/** The answer in a text; null when it is none. That nothing changed is never taken from it. */
export function readCaptureAnswer(text: string): CaptureAnswer | null {
  const { ok, captured, isPacked, aside, message, stderr, code } = fieldsOf(parsed(text));
  if (ok === false && typeof message === "string") {
    return { ok, message, stderr: textOrNull(stderr), code: textOrNull(code) };
  }
  const { tree, leftOut, cone } = fieldsOf(captured);
  if (ok !== true || typeof isPacked !== "boolean") return null;
  if (typeof tree !== "string" || !HASH.test(tree) || !Array.isArray(leftOut)) return null;
  if (!leftOut.every(isLeftOut)) return null;
  const set = asideOf(aside);
  const folders = cone === null ? null : coneOfValue(cone);
  if (set === null || (cone !== null && folders === null)) return null;
  const read = { tree, isBase: false, leftOut: leftOut.map(leftOutOf), cone: folders };
  return { ok, captured: read, isPacked, aside: set };
}

function asideOf(value: unknown): Aside | null {
  const { isMade, umask, lost } = fieldsOf(value);
  if (typeof isMade !== "boolean" || !Array.isArray(lost) || !lost.every(isLeftOut)) return null;
  if (typeof umask !== "number" || !Number.isInteger(umask) || umask < 0 || umask > 0o777)
    return null;
  return { isMade, umask, lost: lost.map(leftOutOf) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function isLeftOut(value: unknown): value is LeftOut {
  const { path, reason } = fieldsOf(value);
  return typeof path === "string" && REASONS.has(reason);
}

function leftOutOf({ path, reason }: LeftOut): LeftOut {
  return { path, reason };
}
