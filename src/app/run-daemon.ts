import type { WriteStream } from "node:tty";
import { openLog } from "../adapters/log/open-log.ts";
import { closeInherited } from "../adapters/process/inherited.ts";
import { admissionRules } from "../config/settings.ts";
import { makeRedactor } from "../core/redact.ts";
import { EXIT, type ExitCode } from "../surfaces/cli/exit-codes.ts";
import { composeDaemon } from "./compose.ts";
import { daemonLogPath } from "./daemon-control.ts";
import { runUntilSignal } from "./daemon.ts";
import { makeHome, noteForDoors } from "./doors.ts";
import { withEnvFile } from "./env-file.ts";
import { readSettings } from "./settings.ts";

/** Names that mark a variable of the environment as a secret. */
const SECRET_NAME = /key|token|secret|password|credential/iu;

/** Runs the daemon of a home in this process until a signal; says on `stderr` what a person must know. */
export async function runDaemon(parts: {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stderr: WriteStream;
  readonly version: string;
}): Promise<ExitCode> {
  const { stderr, version } = parts;
  closeInherited();
  const home = await makeHome(parts.home);
  const { env, warning: fileWarning } = withEnvFile(parts.env, home.path);
  const read = readSettings(home, env);
  if (!read.ok) {
    for (const each of read.problems) stderr.write(`sle: ${each}\n`);
    return EXIT.usage;
  }
  const { settings } = read;
  const { level, filesMax, fileBytesMax } = settings.log;
  using log = openLog({
    level,
    redact: makeRedactor(secretsOf(env)),
    file: { path: daemonLogPath(home), filesMax, fileBytesMax },
    terminal: stderr.isTTY ? { stream: stderr, style: styleOf(env) } : null,
    now: Date.now,
  });
  for (const warning of read.warnings) log.warn("A setting is unsafe", { warning });
  if (fileWarning !== null) log.warn("The file of secrets is unsafe", { warning: fileWarning });
  try {
    await using daemon = await composeDaemon({ home, settings, env, log, version });
    await noteForDoors(daemon.store, settings, admissionRules(settings).order);
    await runUntilSignal({
      engine: daemon.engine,
      log,
      graceMs: settings.attempts.graceMs,
      signals: process,
      onStarted: () => stderr.write(`The daemon works in ${home.path}.\n`),
      onStopping: (running) => stderr.write(stoppingLine(running)),
    });
    return EXIT.ok;
  } catch (error) {
    log.error("The daemon broke off", { error });
    throw error;
  }
}

function styleOf(env: Readonly<Record<string, string | undefined>>): "colour" | "plain" {
  return (env["NO_COLOR"] ?? "") === "" ? "colour" : "plain";
}

function stoppingLine(running: number): string {
  if (running === 0) return "Stopping.\n";
  const agents = running === 1 ? "1 agent" : `${running} agents`;
  return `Stopping: ${agents} may finish; a second signal interrupts at once, they resume later.\n`;
}

/** Values of the environment that must never reach a log. */
function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(env)
    .filter(([name, value]) => SECRET_NAME.test(name) && value !== undefined)
    .map(([, value]) => value ?? "");
}
