import { describe, expect, it } from "vitest";
import {
  type ContainerView,
  runArgs,
} from "../../../../src/adapters/sandbox/container/run-args.ts";

const ALL = ["memory", "processes", "cpus"] as const;
const PODMAN = {
  name: "podman",
  program: "/usr/bin/podman",
  version: "5.0.0",
  isRootless: false,
  can: ALL,
} as const;
const DOCKER = { ...PODMAN, name: "docker", program: "/usr/bin/docker" } as const;
const VIEW: ContainerView = {
  name: "sle-1-2-3-abc",
  image: "tools:1",
  user: { uid: 61_099, gid: 61_098 },
  writable: [{ from: "/w/1", at: "/w/1" }],
  readable: [{ from: "/run/x/passwd", at: "/etc/passwd" }],
  env: { SLEEPLESS_MARK: "1/2/3" },
  cwd: "/w/1",
  hostName: "task",
  home: "/home/task",
  limits: {
    memoryBytes: 1024 ** 3,
    cpus: 1.5,
    processes: 100,
    fileBytes: 4096,
    diskBytes: null,
    files: null,
  },
  filter: "/run/x/filter",
  hasGroups: true,
  command: ["/bin/sh", "-c", "exec true"],
};
const NONE = {
  memoryBytes: null,
  cpus: null,
  processes: null,
  fileBytes: null,
  diskBytes: null,
  files: null,
};
const PLACE = "rw,exec,nosuid,nodev,size=2147483648,mode=1777";

function valuesOf(option: string, args: readonly string[]): readonly string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ""] : []));
}

describe("the words for an engine", () => {
  it("say everything out loud to Podman of a root daemon", () => {
    expect(runArgs(PODMAN, VIEW)).toEqual(
      [
        ["run", "--name", "sle-1-2-3-abc", "--label", "sleepless-agent", "--pull", "never"],
        ["--interactive", "--init", "--log-driver", "none", "--network", "none"],
        ["--ipc", "private", "--cgroupns", "private", "--pid", "private", "--uts", "private"],
        ["--read-only-tmpfs=false", "--image-volume", "ignore"],
        ["--http-proxy=false", "--env-host=false"],
        ["--user", "61099:61098", "--hostname", "task", "--read-only", "--cap-drop", "all"],
        ["--security-opt", "no-new-privileges", "--security-opt", "seccomp=/run/x/filter"],
        ["--security-opt", "label=disable"],
        ["--tmpfs", `/tmp:${PLACE}`, "--tmpfs", `/home/task:${PLACE}`],
        ["--tmpfs", "/sys:ro,size=4096", "--shm-size", "268435456"],
        ["--memory", "1073741824", "--memory-swap", "1073741824"],
        ["--pids-limit", "100", "--cpus", "1.5"],
        ["--ulimit", "core=0:0", "--ulimit", "nofile=4096:4096", "--ulimit", "msgqueue=0:0"],
        ["--ulimit", "rtprio=0:0", "--ulimit", "nice=0:0", "--ulimit", "memlock=1048576:1048576"],
        ["--ulimit", "sigpending=512:512", "--ulimit", "fsize=4096:4096"],
        ["--ulimit", "nproc=32768:32768"],
        [
          "--mount",
          "type=bind,source=/run/x/passwd,target=/etc/passwd,readonly,bind-nonrecursive=true",
        ],
        ["--mount", "type=bind,source=/w/1,target=/w/1"],
        ["--env", "SLEEPLESS_MARK=1/2/3", "--workdir", "/w/1"],
        ["--entrypoint", "/bin/sh", "tools:1", "-c", "exec true"],
      ].flat(),
    );
  });

  it("keep the person's own number where Podman is rootless", () => {
    const args = runArgs({ ...PODMAN, isRootless: true }, VIEW);
    expect(valuesOf("--userns", args)).toEqual(["keep-id"]);
    expect(valuesOf("--userns", runArgs(PODMAN, VIEW))).toEqual([]);
  });

  it("leave out what only Podman knows, and empty the proxies that Docker would pass on", () => {
    const args = runArgs(DOCKER, VIEW);
    for (const word of ["--pid", "--uts", "--read-only-tmpfs=false", "--http-proxy=false"]) {
      expect(args).not.toContain(word);
    }
    expect(valuesOf("--env", args)).toEqual([
      "HTTP_PROXY=",
      "http_proxy=",
      "HTTPS_PROXY=",
      "https_proxy=",
      "FTP_PROXY=",
      "ftp_proxy=",
      "NO_PROXY=",
      "no_proxy=",
      "ALL_PROXY=",
      "all_proxy=",
      "SLEEPLESS_MARK=1/2/3",
    ]);
  });

  it("speak to older Dockers in their own words", () => {
    const [now, before] = ["28.2.2", "24.0.9"].map((version) =>
      valuesOf("--mount", runArgs({ ...DOCKER, version }, VIEW)),
    );
    expect(now?.[0]).toMatch(/,readonly,bind-recursive=disabled$/u);
    expect(before?.[0]).toMatch(/,readonly,bind-nonrecursive=true$/u);
  });

  it("hold each program where the container as a whole cannot be held", () => {
    const args = runArgs(PODMAN, { ...VIEW, hasGroups: false });
    expect(valuesOf("--cgroups", args)).toEqual(["disabled"]);
    for (const word of ["--memory", "--memory-swap", "--pids-limit", "--cpus"]) {
      expect(args).not.toContain(word);
    }
    expect(valuesOf("--ulimit", args)).toEqual(
      expect.arrayContaining(["data=1073741824:1073741824", "nproc=100:100"]),
    );
    expect(runArgs({ ...PODMAN, can: [] }, VIEW)).not.toContain("--memory");
  });

  it("name no limit that is not set, and lift the engine's own on processes", () => {
    const args = runArgs(DOCKER, { ...VIEW, limits: NONE });
    for (const word of ["--memory", "--memory-swap", "--cpus"]) expect(args).not.toContain(word);
    expect(valuesOf("--pids-limit", args)).toEqual(["-1"]);
    expect(valuesOf("--ulimit", args).join(" ")).not.toMatch(/data|fsize/u);
  });

  it.each(["/w/a,readonly=false", '/w/"a', "/w/a\nb"])("refuse the path %j", (path) => {
    for (const mount of [
      { from: path, at: "/w" },
      { from: "/w", at: path },
    ]) {
      expect(() => runArgs(PODMAN, { ...VIEW, readable: [mount] })).toThrow(/a comma, a quote/u);
      expect(() => runArgs(DOCKER, { ...VIEW, writable: [mount] })).toThrow(/a comma, a quote/u);
    }
  });
});
