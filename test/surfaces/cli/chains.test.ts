import { describe, expect, test } from "vitest";
import { type Bench, setup } from "./setup.ts";

/** What a person whose check failed would see. */
const BROKEN = {
  type: "failed",
  failure: "config",
  message: "There is no model x.",
  retryAt: null,
} as const;

async function chained(): Promise<Bench> {
  const bench = await setup();
  await bench.daemon();
  await bench.sle("think", "--chain", "succeeded", "Rename the module", "Fix its users", "Test it");
  return bench;
}

describe("chains", () => {
  test("are queued at once, from words or from a file", async () => {
    await using bench = await setup();
    await bench.daemon();
    bench.world.inputs = { "tasks.md": "---\nRename it.\n---\r\nTest it,\n\nall of it.\n---\n" };
    await bench.type("think", "--chain", "verified", "Rename the module", "Fix its users");
    await bench.sle("project", "add", "backend", "--path", "backend");
    await bench.type(
      "think",
      "-p",
      "backend",
      "--after=2:finished",
      "--chain=landed",
      "-f",
      "tasks.md",
    );
    await bench.type("show", "4");
    await bench.type("think", "-q", "--chain", "failed", "Try this way", "Try that way");
    await bench.type("think", "--chain", "finished", "One more", "--json");
    await bench.type("think", "--chain", "finished", "--dry-run", "One more", "And another");
    await bench.matches("chains");
    const third = (await bench.store.tasks.get(3))?.text;
    expect([third, (await bench.store.tasks.get(4))?.text]).toEqual([
      "Rename it.",
      "Test it,\n\nall of it.",
    ]);
  });

  test("are refused whole, each in a sentence", async () => {
    await using bench = await setup();
    bench.world.inputs = { "tasks.md": "One.\n---\n\n---\nThree.\n", empty: "" };
    await bench.type("think", "--chain", "succeeded");
    await bench.type("think", "--chain", "succeeded", "fix", "the", "tests");
    await bench.type("think", "--chain", "done", "Fix the tests");
    await bench.type("think", "--chain", "landed", "Fix the tests", "Land them");
    await bench.type("think", "--chain", "succeeded", "-f", "tasks.md");
    await bench.type("think", "--chain", "succeeded", "-f", "empty");
    await bench.type("think", "--chain", "succeeded", "-f", "tasks.md", "And more");
    await bench.type("think", "--chain", "succeeded", "--wait", "Fix the tests");
    await bench.type("think", "--chain", "succeeded", "-p", "nowhere", "Fix the tests");
    await bench.type("think", "--chain", "succeeded", "--dry-run", "Fix the tests", " ");
    bench.world.inputs = { many: "x\n---\n".repeat(10_001) };
    await bench.type("think", "--chain", "succeeded", "-f", "many");
    expect((await bench.sle("ls", "--json")).out).toBe("[]\n");
    await bench.matches("chains-refused");
  });

  test("that are stuck are one decision, and say what to do", async () => {
    await using bench = await chained();
    await bench.start(1);
    await bench.end(1, BROKEN);
    await bench.type("check");
    await bench.type("why", "2");
    await bench.type("why", "3");
    await bench.type("show", "2");
    await bench.type("think", "--after", "1", "Too late");
    await bench.type("think", "--after", "2:failed,1:failed", "Clean up");
    await bench.type("retry", "1");
    await bench.type("why", "3");
    await bench.matches("chains-stuck");
  });

  test("say so as well where no daemon has ever run", async () => {
    await using bench = await setup();
    await bench.sle("think", "--chain", "succeeded", "Rename the module", "Test it");
    await bench.type("cancel", "1");
    await bench.type("why", "2");
    await bench.matches("chains-no-daemon");
  });

  test("are parted by an edit, and cancelled as a whole", async () => {
    await using bench = await chained();
    await bench.type("edit", "1", "--after", "3");
    await bench.type("edit", "1", "--after", "1");
    await bench.type("edit", "3", "--after", "9");
    await bench.type("edit", "3", "--after", "1:sometime");
    await bench.type("edit", "3", "--after", "none", "--priority", "high");
    await bench.type("edit", "3", "--after", "2:finished", "--json=id,priority,dependsOn");
    await bench.type("cancel", "1", "--with-dependents");
    await bench.type("why", "3");
    await bench.matches("chains-edited");
  });
});
