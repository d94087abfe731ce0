import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sle-e2e-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Played {
  readonly code: number | null;
  readonly output: string;
}

/** Plays the demo night with its temporary files in `folder`; `onOutput` may interrupt it. */
function play(
  onOutput: (output: string, interrupt: () => void) => void = () => {},
): Promise<Played> {
  const child = spawn(process.execPath, [join(ROOT, "demo", "night.ts")], {
    env: { ...process.env, TMPDIR: folder, NO_COLOR: "1", FORCE_COLOR: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    onOutput(output, () => child.kill("SIGINT"));
  };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

/** Processes that work below `folder`; what a night leaves behind would be among them. */
function leftProcesses(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").includes(folder);
      } catch {
        return false;
      }
    });
}

/** Numbers differ from night to night. */
function claimsOf(text: string): readonly string[] {
  const claims = text.split("\n").filter((line) => /^[✔✘] /u.test(line));
  return claims.map((line) => line.replaceAll(/\d+(?:\.\d+)?/gu, "N"));
}

it("plays a whole night as the README shows it and leaves nothing behind", async () => {
  const { code, output } = await play();
  expect(claimsOf(output)).toEqual(claimsOf(readFileSync(join(ROOT, "README.md"), "utf8")));
  expect(output).toContain("is scripted");
  expect(code).toBe(0);
  expect(readdirSync(folder)).toEqual([]);
  expect(leftProcesses()).toEqual([]);
});

it("ends at Ctrl-C, agents and all, and leaves nothing behind", async () => {
  let interrupted = false;
  const { code } = await play((output, interrupt) => {
    if (interrupted || !output.includes("running")) return;
    interrupted = true;
    interrupt();
  });
  expect(code).toBe(130);
  expect(readdirSync(folder)).toEqual([]);
  expect(leftProcesses()).toEqual([]);
});
