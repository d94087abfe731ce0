import { printableLine } from "../../../core/terminal.ts";
import type { RunCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { notFoundYet } from "../nothing-yet.ts";

/** Writes a consistent copy of the database to a file, while daemons go on working. */
export const backup: RunCommand = async (call) => {
  const { context, output, words } = call;
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const path = context.resolvePath(words[0] ?? "");
  await doors.care.backup(path);
  if (output.json) return output.answer({ path }, () => "");
  output.confirm(`Database copied to ${path}`);
  return EXIT.ok;
};

/** Checks that the database is sound; names what is not. */
export const checkDatabase: RunCommand = async (call) => {
  const { context, output } = call;
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  const problems = await doors.care.check();
  const printed = output.answer({ problems }, () =>
    problems.length === 0
      ? "The database is sound."
      : problems.map((problem) => printableLine(problem)).join("\n"),
  );
  if (problems.length === 0) return printed;
  const advice = "The database is damaged; restore a copy made with `sle db backup`.";
  return output.fail(EXIT.database, "database", advice);
};

/** Gives unused space of the database back to the disk. */
export const vacuum: RunCommand = async (call) => {
  const { context, output } = call;
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  await doors.care.vacuum();
  if (output.json) return output.answer({ vacuumed: true }, () => "");
  output.confirm("Unused space given back");
  return EXIT.ok;
};
