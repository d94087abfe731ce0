import { describe } from "vitest";
import { fakeWorkspaces } from "../../src/testing/fake-workspaces.ts";
import { manualClock } from "../../src/testing/manual-clock.ts";
import { memoryArtifacts } from "../../src/testing/memory-artifacts.ts";
import { artifactsContract } from "./artifacts.ts";
import { clockContract } from "./clock.ts";
import { workspacesContract } from "./workspaces.ts";

const nothing = (): void => undefined;

describe("the manual clock", () => {
  clockContract(() => {
    const clock = manualClock();
    return { clock, pass: clock.advance };
  });
});

describe("artifacts in memory", () => {
  artifactsContract(() => ({ artifacts: memoryArtifacts(), [Symbol.dispose]: nothing }));
});

describe("fake workspaces", () => {
  workspacesContract(() => ({ workspaces: fakeWorkspaces(), [Symbol.dispose]: nothing }));
});
