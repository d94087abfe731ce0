import { closeSync, openSync, watch } from "node:fs";
import { type Act, py, unless } from "../act.ts";
import { processorProblem } from "../processor-limit.ts";
import { whenThere } from "../waiting.ts";

/** Acts that want more than their share: all of it is asked for up to a bound of the act's own. */
export const RESOURCES: readonly Act[] = [
  {
    number: 701,
    name: "make processes without end (up to 600)",
    holds: "stopped at 200",
    sandboxOnly: true,
    mayBeEnded: true,
    seconds: 40,
    script: py`
made = 0
try:
    for _ in range(600):
        if os.fork() == 0:
            time.sleep(30)
            os._exit(0)
        made += 1
except OSError as error:
    held(f"{errno.errorcode[error.errno]} after {made}") if made <= 200 else got(made)
got(f"{made} processes")`,
  },
  {
    number: 707,
    name: "make one huge file, sparse and real",
    holds: "refused beyond 128 MiB",
    sandboxOnly: true,
    script: py`
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open("sparse", "wb") as file:
    attempt("1 TiB sparse", lambda: file.truncate(1 << 40))
with open("real", "wb", buffering=0) as file:
    def fill():
        for _ in range(10):
            file.write(bytes(16 << 20))
        return file.tell()
    attempt("160 MiB real", fill)`,
  },
  {
    number: 708,
    name: "burn processor time in 4 processes for 2 seconds",
    holds: "about one processor's worth",
    sandboxOnly: true,
    play: async ({ run, world }) => {
      const marker = `burner ${String(world.known["id"])}`;
      const burning = run(py`
# ${marker}
try:
    os.sched_setaffinity(0, range(os.cpu_count()))
except OSError:
    pass
start = time.monotonic()
for _ in range(4):
    if os.fork() == 0:
        while time.monotonic() - start < 2:
            pass
        os._exit(0)
open("burning", "w").close()
for _ in range(4):
    os.wait()
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{spent.ru_utime + spent.ru_stime:.1f} s used in 2 s")`);
      // What is set is looked at, not what was had: that depends on what else runs here.
      const problem = await whenThere(`${world.places.workspace}/burning`, () =>
        processorProblem(marker),
      );
      await burning;
      return unless(problem, "a limit is set");
    },
  },
  {
    number: 709,
    name: "ignore every signal and run for ever",
    holds: "ended at the deadline",
    sandboxOnly: true,
    play: async ({ run }) => {
      const end = await run(
        py`
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except OSError:
        pass
while True:
    time.sleep(1)`,
        { timeoutMs: 2_000 },
      );
      return unless(end.code === null || end.code !== 0 ? null : "it ended well", "ended by force");
    },
  },
  {
    number: 710,
    name: "write 100 MiB to standard output",
    holds: "a bounded part is kept",
    sandboxOnly: true,
    seconds: 60,
    play: async ({ run }) => {
      const end = await run(py`
for _ in range(1600):
    os.write(1, b"x" * 65536)`);
      const kept = end.output.length;
      return unless(kept > 1024 * 1024 ? `${kept} bytes were kept` : null, `${kept} bytes kept`);
    },
  },
  {
    number: 711,
    name: "open as many descriptors as possible",
    holds: "bounded at 4096",
    script: py`
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if W["level"] == "sandbox":
    attempt("raise", lambda: limit(resource.RLIMIT_NOFILE, hard + 1))
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
opened = 0
try:
    for _ in range(6000):
        os.dup(0)
        opened += 1
except OSError:
    held(f"{opened} descriptors")
got(f"{opened} descriptors")`,
  },
  {
    number: 712,
    name: "use up the inotify instances of the user",
    holds: "the daemon can still watch files",
    sandboxOnly: true,
    play: async ({ run, world }) => {
      const script = py`
for _ in range(2000):
    if LIBC.inotify_init() == -1:
        break
open("taken", "w").close()
time.sleep(8)`;
      const taking = run(script);
      const problem = await whenThere(`${world.places.workspace}/taken`, () =>
        watchProblem(world.places.base),
      );
      await taking;
      return unless(problem, "a file can be watched");
    },
  },
  {
    number: 713,
    name: "start 600 threads",
    holds: "threads count as processes",
    sandboxOnly: true,
    mayBeEnded: true,
    script: py`
import threading
made = 0
try:
    for _ in range(600):
        threading.Thread(target=lambda: time.sleep(10), daemon=True).start()
        made += 1
except RuntimeError:
    held(f"{made} threads") if made <= 200 else got(made)
got(f"{made} threads")`,
  },
  {
    number: 714,
    name: "use up pseudo-terminals",
    holds: "others still get one",
    sandboxOnly: true,
    play: async ({ run, world }) => {
      const taking = run(py`
opened = 0
try:
    for _ in range(3500):
        os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
        opened += 1
except OSError:
    pass
open("taken", "w").close()
time.sleep(3)`);
      const problem = await whenThere(`${world.places.workspace}/taken`, () => terminalProblem());
      await taking;
      return unless(problem, "a terminal can be had");
    },
  },
  {
    number: 715,
    name: "raise its own limits",
    holds: "refused",
    sandboxOnly: true,
    script: py`
for name in ["CORE", "NOFILE", "FSIZE", "DATA", "NPROC", "MSGQUEUE", "SIGPENDING", "MEMLOCK", "RTPRIO", "NICE"]:
    kind = getattr(resource, "RLIMIT_" + name)
    soft, hard = resource.getrlimit(kind)
    # A control group limits the memory of all instead, where there are any.
    if hard == resource.RLIM_INFINITY and name == "DATA":
        continue
    if hard == resource.RLIM_INFINITY:
        got(f"{name} has no limit")
    attempt(name, lambda: limit(kind, hard + 1))`,
  },
  {
    number: 717,
    name: "lock memory and fill queues of messages",
    holds: "bounded",
    sandboxOnly: true,
    script: py`
import mmap
part = mmap.mmap(-1, 16 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(part))
if LIBC.mlock(ctypes.c_void_p(address), ctypes.c_size_t(16 << 20)) == 0:
    got("16 MiB locked")
librt = ctypes.CDLL(None, use_errno=True)
if librt.mq_open(b"/planted", os.O_CREAT | os.O_RDWR, 0o600, None) >= 0:
    got("a queue of messages")`,
  },
];

function watchProblem(folder: string): string | null {
  try {
    watch(folder).close();
    return null;
  } catch (error) {
    return `a file cannot be watched: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function terminalProblem(): string | null {
  try {
    closeSync(openSync("/dev/ptmx", "r+"));
    return null;
  } catch (error) {
    return `no terminal: ${error instanceof Error ? error.message : String(error)}`;
  }
}
