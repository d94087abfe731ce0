// Changes core in thousands of small ways and counts how many of them the tests notice.
// `--short` changes a few files only; further arguments name files of their own.
import { globSync } from "node:fs";
import { parseArgs } from "node:util";
import { Stryker } from "@stryker-mutator/core";

/** Below this share of noticed changes the run fails. */
const SCORE_MIN_PERCENT = 80;
/** A few files that decide much, for a quick answer. */
const SHORT: readonly string[] = [
  "src/core/lifecycle.ts",
  "src/core/retry.ts",
  "src/core/policies/quota.ts",
];

interface Mutant {
  readonly fileName: string;
  readonly mutatorName: string;
  readonly replacement: string;
  readonly status: string;
  readonly location: { readonly start: { readonly line: number } };
}

const { values, positionals } = parseArgs({
  options: { short: { type: "boolean", default: false } },
  allowPositionals: true,
});

const everything = globSync("src/core/**/*.ts");
const chosen = positionals.length > 0 ? positionals : values.short ? SHORT : everything;
const mutants = await mutate(chosen);
report(mutants);

async function mutate(files: readonly string[]): Promise<readonly Mutant[]> {
  const options: Readonly<Record<string, unknown>> = {
    mutate: files,
    testRunner: "vitest",
    plugins: [import.meta.resolve("@stryker-mutator/vitest-runner")],
    vitest: { configFile: "tools/mutation.vitest.config.ts", related: false },
    // Stryker reads a tsconfig through an interface that TypeScript 7 no longer has.
    tsconfigFile: "none.json",
    ignorePatterns: allBut("package.json", "src/core", "test/unit/core", "tools"),
    coverageAnalysis: "perTest",
    concurrency: 2,
    timeoutMS: 20_000,
    reporters: ["progress-append-only"],
    logLevel: "warn",
    cleanTempDir: "always",
  };
  return await new Stryker(options).runMutationTest();
}

/** Patterns that leave out everything besides `paths`. */
function allBut(...paths: readonly string[]): readonly string[] {
  const patterns = new Set(["/*"]);
  for (const path of paths) {
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth += 1) {
      const folder = parts.slice(0, depth).join("/");
      patterns.add(`!/${folder}`);
      if (depth < parts.length) patterns.add(`/${folder}/*`);
    }
  }
  return [...patterns];
}

function report(results: readonly Mutant[]): void {
  const noticed = results.filter(({ status }) => status === "Killed" || status === "Timeout");
  const missed = results.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  for (const { fileName, location, mutatorName, replacement, status } of missed) {
    const where = `${fileName.slice(fileName.lastIndexOf("src/"))}:${location.start.line}`;
    const what = replacement.replaceAll(/\s+/gu, " ").slice(0, 90);
    console.log(`${status} ${where} ${mutatorName}: ${what}`);
  }
  const judged = noticed.length + missed.length;
  const percent = judged === 0 ? 0 : Math.floor((1000 * noticed.length) / judged) / 10;
  console.log(
    `${noticed.length} of ${judged} changes noticed, at least ${SCORE_MIN_PERCENT} % are asked for`,
  );
  console.log(`core mutation score ${percent} %`);
  process.exitCode = percent >= SCORE_MIN_PERCENT ? 0 : 1;
}
