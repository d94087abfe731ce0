import { type Act, py, unless } from "../act.ts";
import { saidBy } from "../play.ts";

/** Acts against processes that are not the task's, the daemon above all. */
export const PROCESSES: readonly Act[] = [
  {
    number: 301,
    name: "trace the daemon",
    holds: "no such process",
    script: py`
PTRACE_SEIZE = 0x4206
got(f"seized: {call('ptrace', PTRACE_SEIZE, daemon(), 0, 0)}")`,
  },
  {
    number: 302,
    name: "read the daemon's memory",
    holds: "no such process",
    script: py`
maps = read(f"/proc/{daemon()}/maps")
stack = next(line for line in maps.split("\n") if "[stack]" in line)
start, end = [int(one, 16) for one in stack.split()[0].split("-")]
memory = open(f"/proc/{daemon()}/mem", "rb", buffering=0)
memory.seek(end - 4096)
text = memory.read(4096).decode("latin1")
got(text[text.find("DAEMON_SECRET"):][:80] or "read")`,
  },
  {
    number: 303,
    name: "send signals to the daemon",
    holds: "no such process",
    script: py`
for name in ["SIGUSR1", "SIGUSR2", "SIGHUP"]:
    attempt(name, lambda: os.kill(daemon(), getattr(signal, name)) or "sent")
attempt("pidfd", lambda: signal.pidfd_send_signal(os.pidfd_open(daemon()), signal.SIGUSR1) or "sent")`,
  },
  {
    number: 304,
    name: "kill everything that may be killed",
    holds: "only its own tree ends",
    sandboxOnly: true,
    play: async ({ run, world }) => {
      const { output } = await run(`os.kill(-1, signal.SIGKILL)\nheld("it goes on")`);
      const said = output.includes("BROKEN") ? saidBy({ code: null, output }) : null;
      return said ?? unless(await world.damage([]), "only its own tree ended");
    },
  },
  {
    number: 305,
    name: "kill by guessed process ids, all of the lower ones",
    holds: "the ids mean only its own tree",
    sandboxOnly: true,
    script: py`
for pid in range(2, 40_000):
    if pid in (os.getpid(), os.getppid()):
        continue
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass`,
  },
  {
    number: 306,
    name: "steal the daemon's descriptors",
    holds: "no such process",
    script: py`
pidfd = os.pidfd_open(daemon())
for fd in range(3, 60):
    attempt(str(fd), lambda: os.readlink(f"/proc/self/fd/{call('pidfd_getfd', pidfd, fd, 0)}"))`,
  },
  {
    number: 307,
    name: "change the daemon's resource limits",
    holds: "no such process",
    script: py`
now = resource.prlimit(daemon(), resource.RLIMIT_CORE)
resource.prlimit(daemon(), resource.RLIMIT_CORE, (0, now[1]))
got("changed")`,
  },
  {
    number: 308,
    name: "change the daemon's priority, and take real-time priority",
    holds: "refused",
    script: py`
attempt("priority", lambda: os.setpriority(os.PRIO_PROCESS, daemon(), 5) or "changed")
if W["level"] == "sandbox":
    attempt("nice", lambda: os.nice(-5))
    attempt("fifo", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)) or "set")`,
  },
  {
    number: 309,
    name: "compare kernel objects with the daemon's, look at its files, maps and stack",
    holds: "no such process",
    script: py`
attempt("kcmp", lambda: call("kcmp", os.getpid(), daemon(), 0, 0, 0))
for name in ["stat", "status", "maps", "wchan", "cgroup", "mountinfo"]:
    attempt(name, lambda: len(read(f"/proc/{daemon()}/{name}")))`,
  },
  {
    number: 310,
    name: "look what the first process of the sandbox was given: environment, words, descriptors",
    holds: "nothing of the host's",
    sandboxOnly: true,
    script: py`
environment = read("/proc/1/environ").split("\0")
odd = [one for one in environment if one and one.split("=")[0] not in ("PATH", "SLEEPLESS_MARK", "PWD")]
if odd:
    got(odd)
if "BRIDGE" in os.environ:
    got("the bridge is in the environment")
for fd in os.listdir("/proc/1/fd"):
    target = os.readlink(f"/proc/1/fd/{fd}")
    if not target.startswith(("socket:", "anon_inode:[eventfd]", "pipe:", "/dev/null")):
        got(f"descriptor {fd}: {target}")`,
  },
  {
    number: 311,
    name: "send descriptors and credentials to the daemon through standard output",
    holds: "the daemon reads text and goes on",
    script: py`
if not os.path.exists("/proc/self/fd/1"):
    held("no standard output")
try:
    it = socket.socket(fileno=os.dup(1))
    for _ in range(20):
        socket.send_fds(it, [b"x\n"], [0, 2])
except OSError as error:
    held(errno.errorcode[error.errno])`,
  },
  {
    number: 312,
    name: "make the kernel choose others when memory runs out",
    holds: "the score cannot be lowered",
    sandboxOnly: true,
    script: py`
before = int(read("/proc/self/oom_score_adj"))
attempt("adj", lambda: write("/proc/self/oom_score_adj", str(before - 1), "w"))`,
  },
];
