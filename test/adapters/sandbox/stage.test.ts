import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stage, TASK_UID } from "../../../src/adapters/sandbox/stage.ts";
import { sandbox } from "./support.ts";

// Only root may give files away.
test.skipIf(process.getuid?.() !== 0 || !sandbox.ok)(
  "a folder of which a part was given is given whole, also when that is broken off",
  () => {
    const root = mkdtempSync(join(tmpdir(), "sle-stage-"));
    try {
      const [folder, place, programs] = ["folder", "place", "programs"].map((name) =>
        join(root, name),
      ) as [string, string, string];
      for (const path of [join(folder, ".git"), place, programs]) {
        mkdirSync(path, { recursive: true });
      }
      for (const name of ["a.txt", ".git/config", ".git/HEAD"]) {
        writeFileSync(join(folder, name), "");
      }
      chownSync(join(folder, "a.txt"), TASK_UID, TASK_UID);
      // The first that is given ends what gives.
      writeFileSync(join(programs, "chown"), '#!/bin/sh\n/bin/chown "$@"\nkill -9 $PPID\n');
      chmodSync(join(programs, "chown"), 0o755);
      const begin = (path: string): void => {
        const writable = [{ from: folder, at: "/folder" }];
        const parts = { place, isRoot: true, bwrap: "/bin/true", groupFiles: [], limits: [] };
        const { before } = stage({ ...parts, writable, readable: [] }, "/home");
        const [command = "", ...words] = before;
        spawnSync(command, words, { env: { PATH: path } });
      };
      const system = "/usr/sbin:/usr/bin:/sbin:/bin";
      begin(`${programs}:${system}`);
      expect(statSync(folder).uid).toBe(0);
      begin(system);
      const owners = execFileSync("find", [folder, "-printf", "%U\n"], { encoding: "utf8" });
      expect(new Set(owners.trim().split("\n"))).toEqual(new Set([String(TASK_UID)]));
    } finally {
      rmSync(root, { recursive: true });
    }
  },
);
