import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const MODULE = new URL("../../../src/adapters/log/open-log.ts", import.meta.url).href;

test("a reader of standard output that goes away does not end the process", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sle-pipe-"));
  const path = join(folder, "daemon.log");
  const program = `
    import { once } from "node:events";
    import { openLog } from ${JSON.stringify(MODULE)};
    const log = openLog({
      level: "info", redact: (text) => text, now: Date.now,
      file: { path: ${JSON.stringify(path)}, fileBytesMax: 1e6, filesMax: 1 },
      terminal: { stream: process.stdout, style: "plain" },
    });
    log.info("Ready");
    await once(process.stdin, "data");
    for (let line = 0; line < 100; line += 1) {
      log.info("After the pipe was closed");
      await new Promise(setImmediate);
    }
    process.stdin.destroy();
    log.info("Still here");
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    await once(child.stdout, "data");
    child.stdout.destroy();
    await once(child.stdout, "close");
    child.stdin.write("go\n");
    const [code] = (await once(child, "exit")) as [number | null];
    expect(code).toBe(0);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(102);
    expect(lines.at(-1)).toContain("Still here");
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});
