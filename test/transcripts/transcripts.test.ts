import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { alike, openSession, stepsOf } from "./session.ts";

// Every Markdown file here is a session with the real program, and at the same time a tutorial: what
// its console blocks show is what a person sees.

const FOLDER = import.meta.dirname;
const FILES = [...readdirSync(FOLDER).filter((name) => name.endsWith(".md")), "../../README.md"];

test.for(FILES)("%s", async (name) => {
  await using session = await openSession();
  const steps = stepsOf(readFileSync(join(FOLDER, name), "utf8"));
  expect(steps.length).toBeGreaterThan(0);
  for (const { command, expected } of steps) {
    const actual = await session.run(command);
    expect(`$ ${command}\n${alike(actual, expected)}`).toBe(`$ ${command}\n${expected}`);
  }
});
