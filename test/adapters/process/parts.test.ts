import { spawn } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cleanEnvironment } from "../../../src/adapters/process/environment.ts";
import { findProgram } from "../../../src/adapters/process/find-program.ts";
import { openOutputFile } from "../../../src/adapters/process/output-file.ts";
import { createEventQueue } from "../../../src/adapters/process/event-queue.ts";
import { processTable } from "../../../src/adapters/process/process-table.ts";
import { parseStat } from "../../../src/adapters/process/process-table-linux.ts";
import { parsePsLine } from "../../../src/adapters/process/process-table-ps.ts";
import { createTail } from "../../../src/adapters/process/tail.ts";
import { temporaryFolder, textOf, until } from "../support.ts";

describe("cleanEnvironment", () => {
  it("takes the base and what is named, nothing else", () => {
    const source = {
      PATH: "/p",
      HOME: "/h",
      TERM: "xterm",
      KEY: "k",
      OTHER: "o",
      UNSET: undefined,
    };
    expect(cleanEnvironment(source, ["KEY", "UNSET", "MISSING"])).toEqual({
      PATH: "/p",
      HOME: "/h",
      LANG: "C.UTF-8",
      TERM: "dumb",
      KEY: "k",
    });
  });

  it("has a PATH and a language even when the daemon has none", () => {
    expect(cleanEnvironment({})).toEqual({
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      TERM: "dumb",
    });
  });
});

describe("parseStat", () => {
  const tail = "1 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 1 0";
  it.each([
    { what: "a name with blanks and parentheses", line: `7 (a (b) c) S ${tail}` },
    { what: "a plain name", line: `7 (sh) R ${tail}` },
  ])("reads $what", ({ line }) => {
    expect(parseStat(line)).toEqual({ pid: 7, parentPid: 1, groupId: 42, startTicks: 987_654 });
  });

  it.each([`7 (sh) Z ${tail}`, `7 (sh) X ${tail}`, ""])("lists no dead process", (line) => {
    expect(parseStat(line)).toBeNull();
  });
});

describe("parsePsLine", () => {
  it("reads what ps prints", () => {
    expect(parsePsLine("    7     1    42 Ss   Mon Nov 23 22:09:17 2026\n")).toEqual({
      pid: 7,
      parentPid: 1,
      groupId: 42,
      startTicks: new Date(2026, 10, 23, 22, 9, 17).getTime() / 1000,
    });
  });

  it.each(["    7     1    42 Z    Mon Nov 23 22:09:17 2026", ""])("lists no zombie", (line) => {
    expect(parsePsLine(line)).toBeNull();
  });
});

describe.each(["proc", "ps"] as const)("the process table by %s", (source) => {
  it("finds this process, and nobody under a pid that is free", () => {
    const table = processTable(source);
    expect(table.identify(process.pid)).toEqual({
      pid: process.pid,
      startTicks: expect.any(Number),
      bootId: table.bootId,
    });
    expect(table.identify(2 ** 22 + 1)).toBeNull();
  });

  it("lists no zombie", async () => {
    // The shell is replaced by a program that never reaps its child.
    const parent = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 1000"]);
    const pid = await new Promise<number>((resolve) =>
      parent.stdout.once("data", (chunk: Buffer) => resolve(Number(chunk.toString()))),
    );
    const table = processTable(source);
    await until(async () => {
      const rows = await table.rows();
      return rows.some((row) => row.pid === pid) ? null : true;
    });
    expect(table.identify(pid)).toBeNull();
    parent.kill("SIGKILL");
  });
});

describe("findProgram", () => {
  it("takes absolute paths and names on PATH, and never a relative folder", async () => {
    await using folder = await temporaryFolder();
    const program = join(folder.path, "agent");
    await writeFile(program, "#!/bin/sh\n", { mode: 0o755 });
    await writeFile(join(folder.path, "notes"), "");
    const found = [
      findProgram("agent", `/nowhere:${folder.path}`),
      findProgram(program, undefined),
      findProgram("agent", "relative:."),
      findProgram("./agent", folder.path),
      findProgram("notes", folder.path),
      findProgram(folder.path, ""),
    ];
    expect(found).toEqual([program, program, null, null, null, null]);
  });
});

describe("an output file", () => {
  it("holds what fits and notes the rest", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "out");
    const file = await openOutputFile(path, () => {}, 10);
    for (const piece of ["abcdef", "ghijkl", "mn"]) await file.write(Buffer.from(piece));
    const end = await file.close();
    const written = "abcdefghij\n[4 more bytes were dropped here]\n";
    expect(await textOf(path)).toBe(written);
    expect(end).toEqual({ bytes: written.length, droppedBytes: 4, error: null });
  });

  it("does not follow a link", async () => {
    await using folder = await temporaryFolder();
    const [target, path] = [join(folder.path, "target"), join(folder.path, "out")];
    await writeFile(target, "precious");
    await symlink(target, path);
    await expect(openOutputFile(path, () => {})).rejects.toThrow(/ELOOP/);
    expect(await textOf(target)).toBe("precious");
  });
});

describe("the tail of a stream", () => {
  it("keeps the end, and no half characters", () => {
    const tail = createTail(5);
    for (const piece of ["äöü", "€", "x"]) tail.add(Buffer.from(piece));
    expect(tail.text()).toBe("€x");
  });
});

describe("an event queue", () => {
  it("gives everything pushed, drops offers while the reader is far behind, and ends", async () => {
    const queue = createEventQueue<number>();
    for (let count = 0; count < 1000; count += 1) queue.push(count);
    queue.offer(-1);
    queue.push(1000);
    queue.end();
    queue.push(-2);
    const read: number[] = [];
    for await (const event of queue.events) read.push(event);
    expect(read).toEqual(Array.from({ length: 1001 }, (_, count) => count));
  });

  it("wakes a reader that waits", async () => {
    const queue = createEventQueue<string>();
    const reading = (async () => {
      const read: string[] = [];
      for await (const event of queue.events) read.push(event);
      return read;
    })();
    await Promise.resolve();
    queue.push("late");
    await Promise.resolve();
    queue.end();
    expect(await reading).toEqual(["late"]);
  });
});
