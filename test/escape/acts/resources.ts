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
    number: 702,
    name: "take 2 GiB of memory in one process",
    holds: "refused near the limit of 768 MiB",
    sandboxOnly: true,
    mayBeEnded: true,
    script: py`
import mmap
taken = []
try:
    for _ in range(64):
        part = mmap.mmap(-1, 32 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        for at in range(0, 32 << 20, 4096):
            part[at] = 1
        taken.append(part)
except OSError as error:
    held(f"{errno.errorcode[error.errno]} after {len(taken) * 32} MiB")
got(f"{len(taken) * 32} MiB")`,
  },
  {
    number: 703,
    name: "take 1.5 GiB of memory spread over 6 processes",
    holds: "the sum is limited to 768 MiB",
    sandboxOnly: true,
    mayBeEnded: true,
    seconds: 40,
    script: py`
reader, writer = os.pipe()
for _ in range(6):
    if os.fork() == 0:
        part = bytearray(256 << 20)
        for at in range(0, len(part), 4096):
            part[at] = 1
        os.write(writer, b"x")
        time.sleep(20)
        os._exit(0)
os.close(writer)
took = 0
while took < 6 and os.read(reader, 1):
    took += 1
if took * 256 > 768:
    got(f"{took * 256} MiB")`,
  },
  {
    number: 704,
    name: "take 2 GiB of memory as shared memory and as files in memory",
    holds: "it counts as memory of the tree",
    sandboxOnly: true,
    mayBeEnded: true,
    seconds: 60,
    script: py`
taken = 0
part = bytes(16 << 20)
files = [open(path, "wb", buffering=0) for path in ["/dev/shm/a", "/tmp/a", "/tmp/b", "/tmp/c", "/tmp/d", "/tmp/e", "/tmp/f", "/tmp/g", "/tmp/h", "/home/task/a"]]
files.append(os.fdopen(os.memfd_create("x"), "wb", buffering=0))
for file in files:
    for _ in range(8):
        try:
            taken += file.write(part)
        except OSError:
            break
if taken > 768 << 20:
    got(f"{taken >> 20} MiB")`,
  },
  {
    number: 705,
    name: "fill the workspace with 400 MiB in many files, in a folder that is closed to all",
    holds: "ended for it",
    sandboxOnly: true,
    mayBeEnded: true,
    seconds: 60,
    script: py`
part = bytes(1 << 20)
os.mkdir("closed")
for index in range(400):
    with open(f"closed/file-{index}", "wb") as file:
        file.write(part)
os.chmod("closed", 0)
time.sleep(20)
got("400 MiB")`,
  },
  {
    number: 706,
    name: "make 20,000 files in the workspace",
    holds: "ended for it",
    sandboxOnly: true,
    mayBeEnded: true,
    seconds: 60,
    script: py`
for index in range(20_000):
    os.close(os.open(f"file-{index}", os.O_CREAT | os.O_WRONLY))
time.sleep(20)
got("20,000 files")`,
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
    number: 716,
    name: "make 300,000 empty files in the folders in memory",
    holds: "their number is limited: each takes memory of the kernel that no other limit counts",
    sandboxOnly: true,
    mayBeEnded: true,
    seconds: 60,
    script: py`
free = os.statvfs("/tmp").f_favail
if free > 1_000_000:
    got(f"{free} files are allowed")`,
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
  {
    number: 718,
    name: "make 64 MiB of shared memory of System V kind eight times over",
    holds: "it counts as memory of the tree",
    sandboxOnly: true,
    mayBeEnded: true,
    script: py`
taken = 0
for _ in range(20):
    segment = LIBC.shmget(0, 64 << 20, 0o1600)
    if segment == -1:
        break
    LIBC.shmat.restype = ctypes.c_void_p
    address = LIBC.shmat(segment, None, 0)
    ctypes.memset(address, 1, 64 << 20)
    LIBC.shmctl(segment, 0, None)
    taken += 64
if taken > 768:
    got(f"{taken} MiB")`,
  },
  {
    number: 719,
    name: "take 1.5 GiB of memory as a shared mapping of one process",
    holds: "refused near the limit of 768 MiB",
    sandboxOnly: true,
    mayBeEnded: true,
    script: py`
import mmap
part = mmap.mmap(-1, 1536 << 20, flags=mmap.MAP_SHARED | mmap.MAP_ANONYMOUS)
for at in range(0, len(part), 4096):
    part[at] = 1
got("1536 MiB")`,
  },
  {
    number: 720,
    name: "take 800 MiB of the kernel's memory in the buffers of sockets",
    holds: "it counts as memory of the tree",
    sandboxOnly: true,
    mayBeEnded: true,
    script: py`
reader, writer = os.pipe()
for _ in range(4):
    if os.fork() == 0:
        kept, filled = [], 0
        while filled < 200 << 20 and len(kept) < 1800:
            pair = socket.socketpair()
            pair[0].setblocking(False)
            kept.append(pair)
            try:
                while True:
                    filled += pair[0].send(bytes(32768))
            except OSError:
                pass
        os.write(writer, struct.pack("Q", filled))
        time.sleep(15)
        os._exit(0)
total = sum(struct.unpack("Q", os.read(reader, 8))[0] for _ in range(4))
if total > 768 << 20:
    got(f"{total >> 20} MiB")`,
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
