import { describe, expect, test } from "vitest";
import { StoreUnavailable } from "../../../src/ports/store.ts";
import { setup } from "./setup.ts";

describe("words that are wrong", () => {
  test("are told in one sentence that suggests the right one", async () => {
    await using bench = await setup();
    await bench.type("thnik", "x");
    await bench.type("trash", "lsit");
    await bench.type("project", "add");
    await bench.type("show");
    await bench.type("show", "1", "2");
    await bench.type("ls", "--stat", "queued");
    await bench.type("think", "fix", "--verbose", "mode");
    await bench.type("think", "--project");
    await bench.type("--home");
    await bench.type("db");
    await bench.type("ls", "--state", "\u001b[2Jqueued\u0007");
    await bench.type("thnik", "--json");
    await bench.type("help", "thnik");
    await bench.matches("wrong-words");
  });
});

describe("help and version", () => {
  test("--help lists every command", async () => {
    await using bench = await setup();
    await bench.type("--help");
    expect(await bench.told("help")).toBe(await bench.told("--help"));
    await bench.matches("help");
  });

  test("each command has its own", async () => {
    await using bench = await setup();
    await bench.type("think", "--help");
    await bench.type("help", "trash");
    await bench.type("trash", "empty", "-h");
    expect(await bench.told("daemon", "run", "--help")).toContain(
      "Run the daemon in this terminal.",
    );
    await bench.matches("help-of-commands");
  });

  test("version", async () => {
    await using bench = await setup();
    expect(await bench.told("version")).toBe("1.2.3\n");
    expect(await bench.told("--version")).toBe("1.2.3\n");
    expect(await bench.told("version", "--json")).toBe('{\n  "version": "1.2.3"\n}\n');
  });
});

describe("what breaks", () => {
  test("a database that cannot be used ends with 3, all else with 1, never with a stack", async () => {
    await using bench = await setup();
    bench.world.broken = new StoreUnavailable("newer", "The database is newer; update sle.");
    await bench.type("ls");
    await bench.type("show", "1", "--json");
    bench.world.broken = new Error("out of luck\nat line 3");
    await bench.type("check");
    await bench.matches("what-breaks");
  });

  test("a broken-off call ends with 130 and says nothing", async () => {
    await using bench = await setup();
    bench.world.broken = new Error("aborted");
    bench.world.interrupt.abort();
    expect(await bench.sle("ls")).toEqual({ exit: 130, out: "", err: "" });
  });
});
