import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram } from "../../../src/adapters/process/find-program.ts";
import { seccompProgram } from "../../../src/adapters/sandbox/seccomp.ts";
import { SYSCALL_NAMES, syscallNumber } from "../../../src/adapters/sandbox/seccomp/numbers.ts";
import { temporaryFolder } from "../support.ts";
import { AS_ROOT, AS_USER, canSandbox, type Ended, runInSandbox } from "./bubblewrap.ts";

const ACTS = readFileSync(new URL("acts.py", import.meta.url), "utf8");

const architecture = process.arch === "arm64" ? "arm64" : "x64";
const FILTER = seccompProgram(architecture);

const NUMBERS = JSON.stringify(
  Object.fromEntries(SYSCALL_NAMES.map((name) => [name, syscallNumber(name, architecture)])),
);

/** Acts that have another end than EPERM. */
const OTHER_ENDS: Readonly<Record<string, unknown>> = {
  clone3: "ENOSYS",
  openat2: "ENOSYS",
  // SIGSEGV where the kernel was built without that architecture.
  "call as i386": expect.stringMatching(/^SIG(?:SYS|SEGV)$/u),
};

/** Acts that any kernel with user namespaces answers otherwise when it is asked by their root. */
const LET_THROUGH = [
  "mount a file system",
  "change the root",
  "unshare a user namespace",
  "unshare a mount namespace",
  "clone into a user namespace",
  "ask for a keyring",
  "turn off address randomization",
  "chmod u+s",
  "chmod g+s",
  "fchmod u+s",
  "fchmodat u+s",
  "create a set-uid file",
  "mknod a set-gid file",
  "mknod a whiteout",
  "AF_PACKET",
];

const ok = (stdout: string): Ended => ({ code: 0, stdout, stderr: "" });

async function outcomes(
  who: readonly string[],
  program: Buffer | null,
): Promise<Readonly<Record<string, string>>> {
  await using folder = await temporaryFolder();
  const ended = await runInSandbox(folder.path, who, program, ["python3", "-c", ACTS, NUMBERS]);
  expect({ ...ended, stdout: "" }).toEqual(ok(""));
  return JSON.parse(ended.stdout) as Record<string, string>;
}

describe.runIf(canSandbox())("the filter in the kernel", () => {
  it.each([
    { who: "root of the sandbox", options: AS_ROOT },
    { who: "its user", options: AS_USER },
  ])("refuses every act of $who", async ({ options }) => {
    const answers = await outcomes(options, FILTER);
    const names = Object.keys(answers);
    expect(answers).toEqual(
      Object.fromEntries(names.map((name) => [name, OTHER_ENDS[name] ?? "EPERM"])),
    );
    expect(names).toEqual(expect.arrayContaining([...LET_THROUGH, "clone3", "openat2"]));
  });

  it("is what refuses them: without it root of the sandbox gets through", async () => {
    const answers = await outcomes(AS_ROOT, null);
    const through = LET_THROUGH.map((name) => [name, answers[name]]);
    expect(through).toEqual(LET_THROUGH.map((name) => [name, "ok"]));
    expect(Object.values(answers)).not.toContain("SIGSYS");
  });

  it("kills what another architecture calls: here every call", async () => {
    await using folder = await temporaryFolder();
    const program = seccompProgram(architecture === "x64" ? "arm64" : "x64");
    const ended = await runInSandbox(folder.path, AS_USER, program, ["true"]);
    expect({ ...ended, stderr: "" }).toEqual({
      code: 128 + constants.signals.SIGSYS,
      stdout: "",
      stderr: "",
    });
  });

  const work = async (...command: readonly string[]): Promise<Ended> => {
    await using folder = await temporaryFolder();
    return await runInSandbox(folder.path, AS_USER, FILTER, command);
  };

  it("lets node work: threads, programs, files and sockets", async () => {
    expect(await work(process.execPath, "--input-type=module", "-e", NODE_WORK)).toEqual(
      ok("thread program 755 pong-unix pong-tcp\n"),
    );
  });

  it("lets python work: threads, forks, pairs of sockets, pipes and the list of interfaces", async () => {
    expect(await work("python3", "-c", PYTHON_WORK)).toEqual(ok("thread fork program fifo lo\n"));
  });

  it.runIf(findProgram("git", process.env["PATH"]) !== null)("lets git commit", async () => {
    const ended = await work("sh", "-ec", GIT_WORK);
    expect(ended).toEqual(ok("a file\n"));
  });

  it.runIf(findProgram("npm", process.env["PATH"]) !== null)("lets npm start", async () => {
    const { code, stdout } = await work("npm", "--version");
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/u),
    });
  });

  it("leaves the set-id bits of a new folder to the kernel, which drops them", async () => {
    await using folder = await temporaryFolder();
    const script = "import os; os.mkdir('made', 0o6755)";
    const ended = await runInSandbox(folder.path, AS_ROOT, FILTER, ["python3", "-c", script]);
    expect(ended).toEqual(ok(""));
    expect((await stat(join(folder.path, "made"))).mode & 0o7777).toBe(0o755);
  });
});

const NODE_WORK = `
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { Worker } from "node:worker_threads";

const worker = new Worker("import { parentPort } from 'node:worker_threads'; parentPort.postMessage('thread')", { eval: true });
const thread = await new Promise((resolve) => worker.once("message", resolve));
const program = execFileSync("sh", ["-c", "echo program | cat"], { encoding: "utf8" }).trim();
mkdirSync("folder");
writeFileSync("folder/file", "text");
chmodSync("folder/file", 0o755);
const mode = (statSync("folder/file").mode & 0o7777).toString(8);
async function ping(address, name) {
  const server = createServer((socket) => socket.end("pong-" + name));
  await new Promise((resolve) => server.listen(address, resolve));
  const answer = await text(connect(server.address().port ?? server.address()));
  server.close();
  return answer;
}
console.log(thread, program, mode, await ping("socket", "unix"), await ping({ port: 0, host: "127.0.0.1" }, "tcp"));
`;

const PYTHON_WORK = `
import os, socket, subprocess, threading
said = []
thread = threading.Thread(target=lambda: said.append("thread"))
thread.start()
thread.join()
here, there = socket.socketpair()
pid = os.fork()
if pid == 0:
    there.send(b"fork")
    os._exit(0)
os.waitpid(pid, 0)
said.append(here.recv(10).decode())
said.append(subprocess.run(["echo", "program"], stdout=subprocess.PIPE, text=True).stdout.strip())
os.mkfifo("fifo")
said.append(os.listdir(".")[0])
said.append(socket.if_nameindex()[0][1])
print(*said)
`;

const GIT_WORK = `
export GIT_CONFIG_NOSYSTEM=1
git init --quiet --initial-branch=main repository
cd repository
git config user.name Nobody
git config user.email nobody@localhost
echo text > file
git add file
git commit --quiet --message "a file"
git gc --quiet
git log --format=%s
`;
