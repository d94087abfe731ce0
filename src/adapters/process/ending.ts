import { constants } from "node:os";
import type { FailureClass } from "../../core/failure.ts";
import type { Launched, OverLimit } from "../../ports/launcher.ts";
import type { RunOutcome, StopReason } from "../../ports/executor.ts";
import { FenceFailed } from "./fence-failed.ts";
import type { Overrun } from "./watchdog.ts";

/** Why we ended a run that had not ended by itself; the first reason is the one that counts. */
export type EndCause =
  | { readonly type: "stop"; readonly how: StopReason }
  | { readonly type: "overrun"; readonly overrun: Overrun; readonly limitMs: number }
  | { readonly type: "over-limit"; readonly what: OverLimit }
  | { readonly type: "output"; readonly error: NodeJS.ErrnoException };

/** How a child process ended; `signal` also when a wrapper told of it as an exit code above 128. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Set when it could not be started at all. */
  readonly error: Error | null;
}

/** What our ending of a run means as its outcome. */
export function outcomeOf(cause: EndCause): RunOutcome {
  switch (cause.type) {
    case "stop":
      return { type: "stopped", how: cause.how };
    case "overrun":
      return failed(
        cause.overrun,
        cause.overrun === "timeout"
          ? `The attempt was ended after its limit of ${inWords(cause.limitMs)}.`
          : `The agent gave no sign of life for ${inWords(cause.limitMs)} and was ended.`,
      );
    case "over-limit":
      return failed("over-limit", `The attempt was ended: ${OVER_LIMIT[cause.what]}.`);
    case "output":
      return outputFailure(cause.error);
  }
}

const OVER_LIMIT: Readonly<Record<OverLimit, string>> = {
  memory: "it took more memory than it may (isolation.memory)",
  disk: "its folder holds more than it may (isolation.disk)",
  files: "its folder holds more files than it may (isolation.files)",
};

/** The outcome of a run whose program was never reached; `stderr` is the last that was said. */
export function neverBegan(stderr: string): RunOutcome {
  const words = stderr.trim().split("\n").at(-1) ?? "";
  const why = words === "" ? "it said nothing" : words;
  return failed("sandbox", `The sandbox could not be set up: ${why}.`);
}

/** The outcome of a run that was broken off by a throw: the file system's no, or a bug. */
export function brokenOff(error: unknown): RunOutcome {
  if (error instanceof FenceFailed) return failed("sandbox", error.message);
  if (error instanceof Error && "code" in error) {
    return outputFailure(error as NodeJS.ErrnoException);
  }
  const words = error instanceof Error ? error.message : String(error);
  return failed("crash", `The run was broken off by an error of our own: ${words}.`);
}

function outputFailure(error: NodeJS.ErrnoException): RunOutcome {
  return error.code === "ENOSPC" || error.code === "EDQUOT"
    ? failed("disk", "The disk is full: the output of the agent could not be written.")
    : failed("config", `The output of the agent could not be written: ${error.message}.`);
}

/** Resolves when the child has ended or could not be started; what it left behind may still live. */
export async function childEnd(child: Launched["child"]): Promise<ChildEnd> {
  return await new Promise((resolve) => {
    const ended = (code: number | null, signal: string | null): void =>
      resolve({ ...namedSignal(code, signal), error: null });
    if (child.exitCode !== null || child.signalCode !== null) {
      ended(child.exitCode, child.signalCode);
      return;
    }
    child.once("exit", ended);
    child.once("error", (error) => resolve({ code: null, signal: null, error }));
  });
}

/** How a child ended, in words that follow "The agent". */
export function endInWords(end: ChildEnd): string {
  if (end.error !== null) return `could not be started: ${end.error.message}`;
  if (end.signal !== null) return `was ended by ${end.signal}`;
  return `exited with code ${end.code}`;
}

function namedSignal(code: number | null, signal: string | null): Omit<ChildEnd, "error"> {
  if (code === null || code <= 128) return { code, signal };
  const named = Object.entries(constants.signals).find(([, number]) => number === code - 128);
  return { code, signal: named?.[0] ?? null };
}

function failed(failure: FailureClass, message: string): RunOutcome {
  return { type: "failed", failure, message, retryAt: null };
}

function inWords(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
