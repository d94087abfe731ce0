import { availableParallelism } from "node:os";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    // Many tests wait for a disk or a process, so more of them than there are processors.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    reporters: ["default", "./test/support/summary-reporter.ts"],
    // Pure and in-process tests share one process for speed; tests that start real processes are isolated.
    projects: [
      {
        test: {
          name: "fast",
          include: ["test/{unit,architecture,contract,engine,surfaces}/**/*.test.ts"],
          isolate: false,
          testTimeout: 40_000,
        },
      },
      {
        test: {
          name: "process",
          include: [
            "test/{adapters,e2e,escape,fault,forge,hostile,landing,liars,nights,restore,transcripts}/**/*.test.ts",
          ],
          setupFiles: ["test/support/keep-types.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
    ],
    coverage: {
      provider: "v8",
      reporter: [["text", { skipFull: true }]],
      include: ["src/core/**"],
      thresholds: { branches: 100, functions: 100, lines: 100, statements: 100 },
    },
  },
});

export default config;
