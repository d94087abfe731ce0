import { type Act, py, unless } from "../act.ts";
import { whenThere } from "../waiting.ts";

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
    mayBeEnded: true,
    script: `os.kill(-1, signal.SIGKILL)`,
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
  {
    number: 313,
    name: "make the daemon swallow gigabytes when it looks for the tree (environments of 5 MB each)",
    holds: "it reads a bounded part",
    sandboxOnly: true,
    seconds: 60,
    play: async ({ run }) => {
      const before = process.resourceUsage().maxRSS;
      await run(
        py`
resource.setrlimit(resource.RLIMIT_STACK, (1 << 30, 1 << 30))
for index in range(150):
    if os.fork() == 0:
        big = {f"V{at}": "x" * 120_000 for at in range(40)}
        os.execve("/bin/sleep", ["sleep", "60"], big)
time.sleep(30)`,
        { timeoutMs: 10_000 },
      );
      const grown = Math.round((process.resourceUsage().maxRSS - before) / 1024);
      return unless(grown > GROWN_MIB ? `${grown} MiB more` : null, `${grown} MiB more`);
    },
  },
  {
    number: 314,
    name: "carry the mark of another task, so that it is ended in that one's place",
    holds: "only the own tree can be ended by it",
    play: async ({ run, launcher, world }) => {
      const mark = "9/9/9";
      const running = run(
        py`
os.execve("/usr/bin/python3", ["python3", "-c", "import time; open('marked', 'w').close(); time.sleep(20)"], {"SLEEPLESS_MARK": "${mark}"})`,
        { timeoutMs: 10_000 },
      );
      const problem = await whenThere(`${world.places.workspace}/marked`, async () => {
        const gone = await launcher.endLeftovers(mark, null);
        return gone ? await world.damage([]) : "what carries the mark cannot be ended";
      });
      await running;
      return unless(problem, "only the own tree ended");
    },
  },
];

/** What the runner itself may need for its work meanwhile. */
const GROWN_MIB = 300;
