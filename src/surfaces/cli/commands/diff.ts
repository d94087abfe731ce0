import { printable } from "../../../core/terminal.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import type { Paint, Style } from "../output.ts";
import { readResultFile } from "../result-file.ts";

const DIFF = { name: "changes.diff", noun: "diff", bytesMax: 16_777_216 } as const;

/** Prints what an attempt changed: readable on a terminal, as it was written to a pipe. */
export const diff: RunCommand = async (call) => {
  const found = await readResultFile(call, DIFF);
  if (typeof found === "number") return found;
  const { context, output } = call;
  const { taskId, attempt, path, part } = found;
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(part.bytes);
  const isCut = part.size > part.bytes.length;
  if (output.json) return output.answer({ taskId, attempt, diff: text, cut: isCut }, () => "");
  context.stdout.write(context.stdout.isTTY ? readable(call, text) : text);
  if (isCut) output.hint(`… (all of it is in ${path})`);
  return EXIT.ok;
};

function readable({ output }: Call, text: string): string {
  return printable(text).replaceAll(/^[-+@ ].*$/gmu, (line) => painted(output.paint, line));
}

function painted(paint: Paint, line: string): string {
  const style = /^(?:\+\+\+|---) /u.test(line) ? "bold" : STYLES[line.charAt(0)];
  return style === undefined ? line : paint(style, line);
}

const STYLES: Readonly<Record<string, Style>> = { "+": "green", "-": "red", "@": "cyan" };
