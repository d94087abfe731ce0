import type { RunCommand } from "../command.ts";

/** Prints the version. */
export const version: RunCommand = ({ context, output }) =>
  Promise.resolve(output.answer({ version: context.version }, () => context.version));
