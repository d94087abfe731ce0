import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Bench, setup } from "./setup.ts";

const GREET = `---
description: Say hello
priority: high
night: true
timeout: 30m
retries: 0
parameters:
  whom: { description: who is greeted }
  how: { description: in which words, default: Hello }
---
{{how}}, {{whom}}!
`;

/** A bench whose person has templates of their own. */
async function withOwn(
  files: Readonly<Record<string, string>>,
): Promise<Bench & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sle-templates-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const bench = await setup();
  await bench.daemon();
  bench.world.templates = folder;
  return {
    ...bench,
    folder,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true });
      await bench[Symbol.asyncDispose]();
    },
  };
}

describe("templates", () => {
  test("that came along are listed and shown", async () => {
    await using bench = await setup();
    await bench.type("template", "ls");
    await bench.type("template", "show", "code-review");
    await bench.type("template", "show", "update-dependencies", "--json=defaults");
    await bench.type("template", "show", "code-revue");
    await bench.type("template", "show", "../config");
    await bench.matches("templates");
    expect(await bench.told("template")).toBe(await bench.told("template", "list"));
    expect(await bench.told("template", "show", "write-tests", "--source")).toMatch(
      /^---\ndescription: Write the tests/u,
    );
  });

  test("make tasks, with values and words beside", async () => {
    await using bench = await withOwn({ "greet.md": GREET });
    bench.world.inputs = { more: "From a file." };
    await bench.type("think", "--template", "greet", "--set", "whom=ada=b", "And", "wave");
    await bench.type("show", "1");
    await bench.type("show", "1", "--json=task");
    await bench.type("think", "--template=greet", "--set=whom={{how}}", "-f", "more", "--dry-run");
    await bench.sle("project", "add", "site", "--path", "backend");
    const review = ["--template=code-review", "--set", "branch=work"];
    await bench.type("think", ...review);
    await bench.sle("think", "-p", "site", "--priority=low", "--timeout=1h", ...review);
    await bench.type("show", "2", "--json=task");
    await bench.matches("templates-used");
    expect(await bench.store.tasks.get(1)).toMatchObject({
      text: "Hello, ada=b!\n\nAnd wave",
      template: { name: "greet", values: { whom: "ada=b", how: "Hello" } },
      timeoutMs: 1_800_000,
      attemptsMax: 1,
      nightOnly: true,
    });
  });

  test("are refused in a sentence where they do not fit", async () => {
    await using bench = await withOwn({
      "greet.md": GREET,
      "odd.md": "no head",
      "Loud.md": GREET,
      "code-review.md": GREET.replace("Say hello", "Review as I do"),
    });
    await bench.type("think", "--template", "greet");
    await bench.type("think", "--template", "greet", "--set", "whom=a", "--set", "who=b");
    await bench.type("think", "--template", "greet", "--set", "whom=a", "--set", "whom=b");
    await bench.type("think", "--template", "greet", "--set", "whom");
    await bench.type("think", "--template", "nothing-like-it");
    await bench.type("think", "--set", "whom=a", "Greet");
    await bench.type("think", "--template", "greet", "--chain", "succeeded", "A b", "C d");
    await bench.type("think", "--template", "greet", "--set", "whom=a", "--priority", "urgent");
    await bench.matches("templates-refused");
    const list = (await bench.sle("template", "ls")).out.replaceAll(bench.folder, "/own");
    await expect(list).toMatchFileSnapshot("transcripts/templates-own.txt");
    expect((await bench.sle("ls", "--json")).out).toBe("[]\n");
  });
});
