import { createHash } from "node:crypto";
import { formatDuration } from "../../../core/duration.ts";
import type { CheckOutcome, CheckRun } from "../../../core/proof.ts";
import { chainProblem } from "../../../core/receipt-chain.ts";
import { type Receipt, type SealedReceipt, readReceipt } from "../../../core/receipt.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { Verdict } from "../../../core/verdict.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import type { Style } from "../output.ts";
import { counted } from "../render/numbers.ts";
import { type View, viewOf, when } from "../render/view.ts";
import { readResultFile } from "../result-file.ts";

const LIST = { folder: "data", name: "receipts.jsonl", bytesMax: 268_435_456 } as const;
const RECEIPT = { name: "receipt.json", noun: "receipt", bytesMax: 67_108_864 } as const;

/** Shows the evidence behind a verdict; one that is not what was sealed is not shown. */
export const receipt: RunCommand = async (call) => {
  const sealed = await readSealed(call);
  if (typeof sealed === "number") return sealed;
  return call.output.answer(sealed, () => renderReceipt(viewOf(call), sealed));
};

/** Says whether a receipt is what was sealed, and stands in the list of all; asks nobody but the files. */
export const verifyReceipt: RunCommand = async (call) => {
  const sealed = await readSealed(call);
  if (typeof sealed === "number") return sealed;
  const { taskId, attempt } = sealed.receipt;
  const list = await call.context.readResult(LIST.folder, LIST.name, {
    offset: 0,
    length: LIST.bytesMax,
  });
  const problem = chainProblem(list === null ? "" : (decoded(list.bytes) ?? ""), sealed);
  if (problem !== null) {
    const message = `The receipt of task ${taskId}, attempt ${attempt} is not what was sealed: ${problem} (${LIST.folder}/${LIST.name})`;
    return call.output.fail(EXIT.other, "not-as-sealed", message);
  }
  return call.output.answer(
    { taskId, attempt, sha256: sealed.sha256 },
    () => `Receipt of task ${taskId}, attempt ${attempt} is what was sealed.`,
  );
};

/** The receipt that was asked for; the exit code when it is missing or not what was sealed. */
async function readSealed(call: Call): Promise<SealedReceipt | ExitCode> {
  const found = await readResultFile(call, RECEIPT);
  if (typeof found === "number") return found;
  const { taskId, attempt, path, part } = found;
  const refuse = (why: string): ExitCode => {
    const which = `The receipt of task ${taskId}, attempt ${attempt} is not what was sealed`;
    return call.output.fail(EXIT.other, "not-as-sealed", `${which}: ${why} (${path})`);
  };
  if (part.size > part.bytes.length) return refuse("It is too large for one.");
  const text = decoded(part.bytes);
  if (text === null) return refuse("It is not a receipt.");
  const read = readReceipt(text, sha256Of);
  if (!read.ok) return refuse(read.message);
  const { receipt: content } = read.value;
  // A sound receipt of other work proves nothing here.
  if (content.taskId !== taskId || content.attempt !== attempt) {
    return refuse(`It is that of task ${content.taskId}, attempt ${content.attempt}.`);
  }
  return read.value;
}

/** Null when the bytes are no UTF-8: to read on would hide what was changed. */
function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function sha256Of(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

const VERDICT_STYLES: Readonly<Record<Verdict, Style>> = {
  verified: "green",
  refuted: "red",
  unverified: "yellow",
};

function renderReceipt(view: View, { receipt: content, sha256 }: SealedReceipt): string {
  const { taskId, attempt, verdict, reasons, checks } = content;
  const title = view.paint("bold", `Task #${taskId}, attempt ${attempt}`);
  return [
    `${title}: ${view.paint(VERDICT_STYLES[verdict], verdict)}`,
    ...reasons.map((reason) => `  ${printableLine(reason)}`),
    ...facts(view, content, sha256),
    ...(checks.length === 0 ? [] : ["", view.paint("bold", "Checks")]),
    ...checks.flatMap((check) => checkLines(view, check)),
  ].join("\n");
}

function facts(view: View, content: Receipt, sha256: string): readonly string[] {
  const rows: readonly (readonly [string, string | null])[] = [
    ["Project", content.project],
    ["Judged", when(view, content.at)],
    ["Changed", counted(content.changed.length, "file")],
    ["Base", content.base],
    ["Commit", content.commit],
    ["Tree", content.tree],
    ["Hash", sha256],
    ["After", content.previous],
  ];
  return rows.flatMap(([label, value]) => (value === null ? [] : [`${label.padEnd(12)}${value}`]));
}

const OUTCOMES: Readonly<Record<CheckOutcome, readonly [Style, string]>> = {
  passed: ["green", "passed"],
  flaky: ["yellow", "flaky"],
  failed: ["red", "failed"],
  "already-failing": ["yellow", "failed before, too"],
  unavailable: ["yellow", "could not be run"],
};

function checkLines(view: View, check: Receipt["checks"][number]): readonly string[] {
  const [style, words] = OUTCOMES[check.outcome];
  const runs = [
    ["", check.onResult],
    ["again: ", check.again],
    ["on the base: ", check.onBase],
  ] as const;
  return [
    `  ${check.name}: ${view.paint(style, words)}`,
    `    $ ${printableLine(check.command)}`,
    ...runs.flatMap(([label, run]) => (run === null ? [] : [`    ${label}${runWords(run)}`])),
  ];
}

function runWords({ exitCode, problem, durationMs }: CheckRun): string {
  const end = exitCode === null ? "ended by force" : `exit code ${exitCode}`;
  return `${problem === null ? end : printableLine(problem)} after ${formatDuration(durationMs)}`;
}
