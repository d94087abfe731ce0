import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSandbox } from "../../src/adapters/sandbox/open-sandbox.ts";
import { HONEST, LIARS } from "./agents.ts";
import { playAgents } from "./play.ts";
import { summaryOf } from "./summary.ts";

const root = mkdtempSync(join(tmpdir(), "sle-liars-"));
try {
  const searchPath = process.env["PATH"] ?? "";
  const sandbox = await openSandbox({ searchPath, temporary: tmpdir() });
  const told = await playAgents(root, [...LIARS, ...HONEST], sandbox.ok ? "sandbox" : "process");
  for (const { agent, task } of told) {
    const why = task.failure === null ? "" : `: ${task.failure.message}`;
    process.stdout.write(`${task.state}, ${task.verdict ?? "no verdict"}  ${agent.name}${why}\n`);
  }
  const { line, isGood } = summaryOf(told);
  process.stdout.write(`${line}\n`);
  process.exitCode = isGood ? 0 : 1;
} finally {
  rmSync(root, { recursive: true, force: true });
}
