import { chmodSync, chownSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runShort } from "../../src/adapters/process/run-short.ts";
import { TASK_UID } from "../../src/adapters/sandbox/stage.ts";
import { SYSCALL_NAMES, syscallNumber } from "../../src/adapters/sandbox/seccomp/numbers.ts";
import type { Confinement, LaunchSpec } from "../../src/ports/launcher.ts";
import { type Act, broken, type Changes, held, skipped, type Stage, type Verdict } from "./act.ts";
import type { ScriptEnd } from "./act.ts";
import type { Launchers, Level } from "./levels.ts";
import type { World } from "./world.ts";

/** Plays one act in a world that is whole, and looks from inside and from outside what came of it. */
export async function play(
  act: Act,
  level: Level,
  launchers: Launchers,
  world: World,
): Promise<Verdict> {
  if (act.sandboxOnly === true && level !== "sandbox") return skipped("only played in the sandbox");
  await world.makeWhole();
  const stage = stageOf(act, level, launchers, world);
  const verdict = await verdictOf(act, stage);
  if (verdict.outcome === "broken") return verdict;
  const damage =
    setIdFile(world.places.workspace) ??
    (await world.damage(act.network === undefined ? [] : ["allowed", "model"]));
  return damage === null ? verdict : broken(damage);
}

async function verdictOf(act: Act, stage: Stage): Promise<Verdict> {
  try {
    if (act.play !== undefined) return await act.play(stage);
    const end = await stage.run(act.script ?? "");
    const leak = stage.world.leakIn(end.output);
    if (leak !== null) return broken(`the secret of the ${leak} was printed`);
    const left = await act.after?.(stage, end);
    if (typeof left === "string") return broken(left);
    return act.mayBeEnded === true && wasEnded(end) ? held("ended by force") : saidBy(end);
  } catch (error) {
    return broken(`the act failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What the script said of itself; one that said nothing failed, and so proves nothing. */
export function saidBy({ code, output }: ScriptEnd): Verdict {
  const said = /^(?<word>BROKEN|HELD|ODD|SKIP) (?<how>.*)$/mu.exec(output)?.groups;
  const how = said?.["how"]?.trim() ?? "";
  if (said?.["word"] === "HELD") return held(how);
  if (said?.["word"] === "SKIP") return skipped(how);
  if (said?.["word"] === "BROKEN") return broken(how);
  const words = output.trim().split("\n").at(-1) ?? "";
  return broken(`the act failed: ${how || words.slice(0, 200) || `it ended with ${code}`}`);
}

function wasEnded({ code, output }: ScriptEnd): boolean {
  return output.trim() === "" && (code === null || code > SIGNAL_CODES);
}

/** How a shell tells that a signal ended something: this and its number. */
const SIGNAL_CODES = 128;

const SECONDS = 20;
const PRELUDE = readFileSync(new URL("acts/prelude.py", import.meta.url), "utf8");
const MEGABYTE = 1024 * 1024;

/** What tasks of these acts may take. */
export const LIMITS: Confinement["limits"] = {
  memoryBytes: 768 * MEGABYTE,
  processes: 200,
  cpus: 1,
  fileBytes: 128 * MEGABYTE,
  diskBytes: 300 * MEGABYTE,
  files: 10_000,
};

function stageOf(act: Act, level: Level, launchers: Launchers, world: World): Stage {
  const launcher = act.network === "strict" ? launchers.strict : launchers.open;
  const spec = (command: readonly string[], changes?: Changes): LaunchSpec => {
    const all = { ...act.changes, ...changes };
    const { home } = world.places;
    const outside = { PATH: "/usr/bin:/bin", HOME: home };
    const [program = "", ...args] = command;
    return {
      command: program,
      args,
      cwd: all.workspace ?? world.places.workspace,
      env: { LANG: "C.UTF-8", ...(level === "sandbox" ? {} : outside), ...all.env },
      mark: `escape/${act.number}`,
      ...(level === "sandbox" ? { confinement: confinementOf(act, world, all) } : {}),
    };
  };
  const scriptSpec: Stage["scriptSpec"] = (script, changes) => {
    const program = `${PRELUDE}\ndef act():\n${indented(script)}\nmain(act)\n`;
    const made = spec(["/usr/bin/python3", "-c", program], changes);
    const env = { ...made.env, WORLD: JSON.stringify({ ...world.known, level }), NUMBERS };
    return { ...made, env };
  };
  const end = async (made: LaunchSpec, changes: Changes | undefined): Promise<ScriptEnd> => {
    if (level !== "sandbox") giveWorkspace(world);
    const milliseconds = changes?.timeoutMs ?? (act.seconds ?? SECONDS) * 1000;
    const { code, stdout, stderr } = await runShort(launcher, made, milliseconds);
    return { code, output: `${stdout}\n${stderr}` };
  };
  return {
    world,
    level,
    launcher,
    scriptSpec,
    start: (command, changes) => end(spec(command, changes), changes),
    run: (script, changes) => end(scriptSpec(script, changes), changes),
  };
}

function confinementOf(act: Act, world: World, changes: Changes): Confinement {
  const { places, ports, modelKey } = world;
  const loopback = (port: number) => ({ host: "localhost", port });
  const target = `http://127.0.0.1:${ports.model}`;
  const headers = (): Promise<Record<string, string>> => Promise.resolve({ "x-api-key": modelKey });
  const hosts = [loopback(ports.allowed), loopback(ports.tunnel)];
  return {
    level: "sandbox",
    own: [changes.workspace ?? places.workspace],
    writable: [],
    readable: [places.shared],
    hosts: act.network === undefined ? [] : hosts,
    virtualHosts:
      act.network === "open"
        ? [{ host: "model.sandbox", paths: ["/v1/messages"], target, headers }]
        : [],
    limits: LIMITS,
    ...changes.confinement,
  };
}

/** The sandbox may have given the workspace to its own user. */
function giveWorkspace({ places }: World): void {
  const { workspace } = places;
  if (lstatSync(workspace).uid === TASK_UID && process.getuid?.() === 0) chownSync(workspace, 0, 0);
  chmodSync(workspace, 0o755);
}

function indented(script: string): string {
  return script
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}

const NUMBERS: string = JSON.stringify({
  ...Object.fromEntries(
    SYSCALL_NAMES.map((name) => [
      name,
      syscallNumber(name, process.arch === "arm64" ? "arm64" : "x64"),
    ]),
  ),
  ...(process.arch === "arm64"
    ? { ptrace: 117, process_vm_readv: 270, kcmp: 272 }
    : { ptrace: 101, process_vm_readv: 310, kcmp: 312 }),
  pidfd_open: 434,
  pidfd_getfd: 438,
});

/** A file with set-id bits in a folder that belongs to the host. */
function setIdFile(folder: string): string | null {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (!entry.isFile()) continue;
    if ((lstatSync(path).mode & 0o6000) !== 0) return `${path} has set-id bits`;
  }
  return null;
}
