import { type ChildProcess, spawn } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Act, py, type Stage, unless, type Verdict } from "../act.ts";
import { saidBy } from "../play.ts";
import { beatProblem, whenThere } from "../waiting.ts";

/** Acts of what a task leaves behind: processes, files and traps for the next one. */
export const AFTERMATH: readonly Act[] = [
  {
    number: 801,
    name: "leave a daemon of its own behind when it ends well",
    holds: "it ends with the task",
    play: async (stage) => {
      const end = await stage.run(py`
${SURVIVE}
held("left it behind")`);
      const problem = await beatOf(stage);
      await stop(stage);
      return unless(problem, saidBy(end).how);
    },
  },
  {
    number: 802,
    name: "leave a survivor that ignores signals when it is ended at its deadline",
    holds: "it is ended too",
    play: async (stage) => {
      await stage.run(`${SURVIVE}\ntime.sleep(60)`, { timeoutMs: 2_500 });
      const problem = await beatOf(stage);
      await stop(stage);
      return unless(problem, "nothing lives");
    },
  },
  {
    number: 803,
    name: "leave a process behind that holds standard output open",
    holds: "nobody waits for it",
    play: async ({ run }) => {
      const began = performance.now();
      await run(py`
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(15)
    os._exit(0)
held("left")`);
      const late = performance.now() - began > 14_000;
      return unless(late ? "the runner waited for it" : null, "the runner went on");
    },
  },
  {
    number: 804,
    name: "survive when the daemon is killed",
    holds: "the tree ends with the daemon",
    play: (stage) => orphaned(stage, SURVIVE),
  },
  {
    number: 808,
    name: "replace the workspace by a link",
    holds: "its name cannot be changed",
    sandboxOnly: true,
    script: py`
os.chdir("/")
attempt("move", lambda: os.rename(W["workspace"], W["workspace"] + "-moved") or "moved")
try:
    # What appears outside is looked at there: the folder above may be one of the sandbox's own.
    os.symlink(W["home"], W["tasks"] + "/3")
except OSError:
    pass
attempt("exchange", lambda: LIBC.renameat2(-100, W["workspace"].encode(), -100, b"/tmp", 2) == 0 or None)`,
  },
  {
    number: 809,
    name: "leave mounts or files lying about on the host",
    holds: "nothing is left",
    play: async ({ run, level }) => {
      // Containers of others come and go meanwhile; none belongs to a sandbox.
      const isOthers = (line: string): boolean =>
        level === "sandbox" && line.includes("/containers/storage/");
      const [mounts, files] = [mountsNow(), filesNow()];
      await run(py`
open("/tmp/left", "w").close() if W["level"] == "sandbox" else None
held("made")`);
      const mount = mountsNow().find((line) => !mounts.includes(line) && !isOthers(line));
      const file = filesNow().find((name) => !files.includes(name));
      return unless(mount ?? file ?? null, "as before");
    },
  },
  {
    number: 810,
    name: "survive by taking the first process of the sandbox over, so that it outlives the daemon",
    holds: "it ends with the daemon all the same",
    sandboxOnly: true,
    play: (stage) => orphaned(stage, `${TAKE_OVER}\n${SURVIVE}`),
  },
  {
    number: 811,
    name: "survive the end of the attempt by taking the first process over",
    holds: "all of the tree ends",
    sandboxOnly: true,
    play: async (stage) => {
      const script = `${TAKE_OVER}\n${SURVIVE}\n${END_OUTER}\ntime.sleep(60)`;
      // Who holds standard output open must not be waited for here.
      const run = stage.run(script, { timeoutMs: 4_000 });
      await Promise.race([run, sleep(7_000)]);
      const problem = await beatOf(stage);
      await stop(stage);
      await run;
      return unless(problem, "nothing lives");
    },
  },
  {
    number: 812,
    name: "be started on a workspace that was replaced by a link to the owner's home",
    holds: "the home is neither given nor shown",
    sandboxOnly: true,
    play: async ({ run, world }) => {
      const { workspace, home } = world.places;
      rmSync(workspace, { recursive: true });
      symlinkSync(home, workspace);
      const end = await run(py`
attempt("read", lambda: read(W["workspace"] + "/.ssh/id_ed25519"))
attempt("write", lambda: write(W["workspace"] + "/.bashrc"))`);
      rmSync(workspace);
      mkdirSync(workspace);
      const leak = world.leakIn(end.output);
      if (leak !== null) return unless(`the secret of the ${leak} was printed`, "");
      return end.output.includes("BROKEN") ? saidBy(end) : unless(null, "it is not started");
    },
  },
  {
    number: 813,
    name: "be started with a second writable folder below the first, replaced by a link",
    holds: "nothing beyond the link is given, shown or changed",
    sandboxOnly: true,
    play: async ({ run, world }) => {
      const { workspace, home } = world.places;
      const inner = join(workspace, "output");
      symlinkSync(home, inner);
      const end = await run(
        py`
attempt("read", lambda: read("output/.ssh/id_ed25519"))
attempt("write", lambda: write("output/.bashrc"))`,
        { confinement: { writable: [workspace, inner] } },
      );
      const leak = world.leakIn(end.output);
      if (leak !== null) return unless(`the secret of the ${leak} was printed`, "");
      return end.output.includes("BROKEN") ? saidBy(end) : unless(null, "it is not started");
    },
  },
  {
    number: 814,
    name: "be started as a program in the workspace that is a link to a script of the owner",
    holds: "the script is not there",
    sandboxOnly: true,
    play: async ({ run, start, world }) => {
      const { workspace, home } = world.places;
      await run(`os.symlink("${home}/.local/bin/tool", "tool"); held("linked")`);
      const { output, code } = await start([join(workspace, "tool")]);
      const leak = world.leakIn(output);
      return unless(leak === null ? null : `the ${leak} ran inside`, `it ended with ${code}`);
    },
  },
  {
    number: 815,
    name: "put words for the sandbox into a variable of its environment",
    holds: "they are no words",
    sandboxOnly: true,
    play: async ({ run, world }) => {
      const { home } = world.places;
      const injected = `x\0--bind\0${home}\0/home/task`;
      const end = await run(`got(read("/home/task/.ssh/id_ed25519"))`, { env: { NOTE: injected } });
      const leak = world.leakIn(end.output);
      return unless(
        leak === null ? null : `the ${leak} was printed`,
        "refused, or not taken as words",
      );
    },
  },
];

/** A process of its own session that ignores signals and gives signs of life. */
const SURVIVE = py`
if os.fork() == 0:
    os.setsid()
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass
    if os.fork() == 0:
        os.environ.clear()
        quiet = os.open("/dev/null", os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(quiet, fd)
        end = time.monotonic() + 60
        while time.monotonic() < end and not os.path.exists("stop"):
            write("beat", "x")
            time.sleep(0.02)
    os._exit(0)
os.wait()
time.sleep(0.3)`.trim();

/** Makes the first process ask the kernel not to be ended with its parent, and wipes every mark. */
const TAKE_OVER = py`
def wipe(pid):
    start, end = [int(one) for one in read(f"/proc/{pid}/stat").rsplit(")", 1)[1].split()[47:49]]
    with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        memory.seek(start)
        memory.write(bytes(end - start))

def take_over():
    SEIZE, INTERRUPT, GETREGS, SETREGS, STEP, DETACH = 0x4206, 0x4207, 12, 13, 9, 17
    RAX, RSI, RDI, ORIG_RAX, RIP = 10, 13, 14, 15, 16
    PRCTL, PR_SET_PDEATHSIG, ALL_CHILDREN = 157, 1, 0x40000000
    registers, saved = (ctypes.c_ulonglong * 27)(), (ctypes.c_ulonglong * 27)()
    call("ptrace", SEIZE, 1, 0, 0)
    call("ptrace", INTERRUPT, 1, 0, 0)
    os.waitpid(1, ALL_CHILDREN)
    call("ptrace", GETREGS, 1, 0, registers)
    call("ptrace", GETREGS, 1, 0, saved)
    # Back to the instruction that made the call it waits in, with another call in its place.
    registers[RIP] -= 2
    registers[RAX], registers[RDI], registers[RSI] = PRCTL, PR_SET_PDEATHSIG, 0
    registers[ORIG_RAX] = 0xFFFFFFFFFFFFFFFF
    call("ptrace", SETREGS, 1, 0, registers)
    call("ptrace", STEP, 1, 0, 0)
    os.waitpid(1, ALL_CHILDREN)
    call("ptrace", GETREGS, 1, 0, registers)
    print("prctl gave", registers[RAX], flush=True)
    saved[RIP] -= 2
    saved[RAX], saved[ORIG_RAX] = saved[ORIG_RAX], 0xFFFFFFFFFFFFFFFF
    call("ptrace", SETREGS, 1, 0, saved)
    call("ptrace", DETACH, 1, 0, 0)
    wipe(1)

try:
    if os.uname().machine == "x86_64":
        take_over()
    wipe(os.getpid())
except OSError as error:
    print("not taken over:", error, flush=True)`.trim();

/** Tells bubblewrap outside that the command ended: it goes, and the first process stays. */
const END_OUTER = py`
for fd in os.listdir("/proc/1/fd"):
    if "eventfd" in os.readlink(f"/proc/1/fd/{fd}"):
        os.write(call("pidfd_getfd", os.pidfd_open(1), int(fd), 0), struct.pack("Q", 1))`.trim();

async function beatOf({ world }: Stage): Promise<string | null> {
  return await beatProblem(join(world.places.workspace, "beat"));
}

/** Starts a script through a daemon of its own, kills that one, and looks what lives on. */
async function orphaned(stage: Stage, script: string): Promise<Verdict> {
  const { world } = stage;
  const daemon = startDaemon(stage, script);
  const problem = await whenThere(join(world.places.workspace, "beat"), async () => {
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
    return await whenStill(stage);
  });
  await stop(stage);
  return unless(problem, "nothing lives");
}

/** Ends what is still there, so that nothing of it comes into the next act. */
async function stop(stage: Stage): Promise<void> {
  writeFileSync(join(stage.world.places.workspace, "stop"), "");
  await beatOf(stage);
}

function startDaemon(stage: Stage, script: string): ChildProcess {
  const doomed = join(import.meta.dirname, "..", "doomed.ts");
  const task = JSON.stringify({ level: stage.level, spec: stage.scriptSpec(script) });
  const child = spawn(process.execPath, [doomed], { stdio: ["pipe", "ignore", "inherit"] });
  child.stdin?.end(task);
  return child;
}

/** The kernel ends a tree in its own time. */
async function whenStill(stage: Stage): Promise<string | null> {
  const first = await beatOf(stage);
  return first === null ? null : await beatOf(stage);
}

function mountsNow(): readonly string[] {
  return readFileSync("/proc/self/mountinfo", "utf8").split("\n");
}

function filesNow(): readonly string[] {
  const folders = ["/tmp", "/dev/shm", "/var/tmp"].filter(existsSync);
  return folders
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith("/left") && lstatSync(path).uid === process.getuid?.());
}
