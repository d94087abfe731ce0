import type { RunCommand } from "../command.ts";
import type { Finding } from "../context.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { renderFindings } from "../render/findings.ts";

/** Checks everything a night needs; the exit code tells where the first problem is. */
export const doctor: RunCommand = async ({ context, output }) => {
  const findings = await context.doctor(context.interrupted);
  const printed = output.answer(findings, () => renderFindings(output.paint, findings));
  const problem = findings.find((finding) => finding.status === "problem");
  return problem === undefined ? printed : exitCodeOfArea(problem.area);
};

function exitCodeOfArea(area: Finding["area"]): ExitCode {
  switch (area) {
    case "machine":
      return EXIT.other;
    case "settings":
      return EXIT.usage;
    case "database":
      return EXIT.database;
    case "daemon":
      return EXIT.daemon;
    case "login":
      return EXIT.auth;
  }
}
