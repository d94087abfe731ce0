import { type Act, py } from "../act.ts";

/** Acts that fill memory and disk: as much as is asked for, up to a bound of the act's own. */
export const AMOUNTS: readonly Act[] = [
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
    time.sleep(10)
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
    time.sleep(10)
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
    time.sleep(10)
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
time.sleep(10)
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
    time.sleep(10)
    got(f"{total >> 20} MiB")`,
  },
];
