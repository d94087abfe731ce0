import { describe, expect, it } from "vitest";
import { askEngine } from "../../../../src/adapters/sandbox/container/engine.ts";

const PODMAN = {
  host: {
    security: { rootless: true },
    serviceIsRemote: false,
    cgroupControllers: ["cpu", "memory", "pids", "io"],
  },
  version: { Version: "5.4.2" },
};
const DOCKER = {
  ServerVersion: "28.1.0",
  SecurityOptions: ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"],
  MemoryLimit: true,
  PidsLimit: true,
  CpuCfsQuota: true,
};

async function said(info: unknown, code = 0, stderr = ""): ReturnType<typeof askEngine> {
  const stdout = typeof info === "string" ? info : JSON.stringify(info);
  return await askEngine("/bin/engine", () => Promise.resolve({ code, stdout, stderr }));
}

describe("what an engine says of itself", () => {
  it("tells Podman and what it can limit", async () => {
    const can = ["memory", "processes", "cpus"];
    expect(await said(PODMAN)).toMatchObject({
      name: "podman",
      version: "5.4.2",
      isRootless: true,
      can,
    });
    const few = { ...PODMAN, host: { ...PODMAN.host, cgroupControllers: ["pids"] } };
    expect(await said(few)).toMatchObject({ can: ["processes"] });
  });

  it("tells Docker, whatever it is called", async () => {
    const can = ["memory", "processes", "cpus"];
    expect(await said(DOCKER)).toMatchObject({
      name: "docker",
      version: "28.1.0",
      isRootless: false,
      can,
    });
    expect(await said({ ...DOCKER, CpuCfsQuota: false })).toMatchObject({ can: can.slice(0, 2) });
    expect(await said({ ...DOCKER, CpuCfsQuota: undefined, CPUCfsQuota: true })).toMatchObject({
      can,
    });
  });

  it.each([
    [{ ...PODMAN, host: { ...PODMAN.host, serviceIsRemote: true } }, /on another machine/u],
    [
      { ...PODMAN, version: { Version: "3.4.4" } },
      /Podman is version 3\.4\.4; 4 or newer is needed/u,
    ],
    [{ ...DOCKER, ServerVersion: "" }, /Docker's daemon does not answer/u],
    [{ ...DOCKER, SecurityOptions: ["name=rootless"] }, /only root inside could write/u],
    [
      { ...DOCKER, SecurityOptions: ["name=seccomp", "name=userns"] },
      /only root inside could write/u,
    ],
    ["no JSON", /^\/bin\/engine does not answer: it says nothing of itself\.$/u],
    ["null", /does not answer/u],
  ])("is refused for %j", async (info, reason) => {
    expect(await said(info)).toEqual({ reason: expect.stringMatching(reason) as string });
  });

  it("gives the engine's own words when it does not work", async () => {
    const words = "warning\nError: no permission";
    expect(await said(PODMAN, 125, words)).toEqual({
      reason: "/bin/engine does not answer: Error: no permission.",
    });
  });
});
