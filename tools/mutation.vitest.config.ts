import { defineConfig, type ViteUserConfig } from "vitest/config";

/** Only the tests of core, in one process: what Stryker runs against each mutant. */
const config: ViteUserConfig = defineConfig({
  test: { include: ["test/unit/core/**/*.test.ts"], isolate: false, testTimeout: 20_000 },
});

export default config;
