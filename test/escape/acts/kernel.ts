import { type Act, py } from "../act.ts";

/** Acts that want rights, or parts of the kernel that a task has no use for. */
export const KERNEL: readonly Act[] = [
  {
    number: 401,
    name: "gain rights through set-id programs",
    holds: "no_new_privs is set",
    script: py`
if "NoNewPrivs:\t1" not in read("/proc/self/status"):
    got("NoNewPrivs is 0")`,
  },
  {
    number: 402,
    name: "hold capabilities",
    holds: "none, and none to be had",
    sandboxOnly: true,
    script: py`
for line in read("/proc/self/status").split("\n"):
    if line.startswith("Cap") and int(line.split()[1], 16) != 0:
        got(line)`,
  },
  {
    number: 403,
    name: "mount, or make read-only mounts writable",
    holds: "refused",
    sandboxOnly: true,
    script: py`
attempt("tmpfs", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, 0))
attempt("bind", lambda: call("mount", b"/usr", b"/tmp", 0, 0x1000, 0))
attempt("remount", lambda: call("mount", 0, b"/usr", 0, 0x20 | 0x1000, 0))
attempt("setattr", lambda: call("mount_setattr", -100, b"/usr", 0, 0, 0))
attempt("open_tree", lambda: call("open_tree", -100, b"/usr", 1))`,
  },
  {
    number: 404,
    name: "unmount what covers the host",
    holds: "refused",
    sandboxOnly: true,
    script: py`
for path in ["/proc/sys", "/proc/keys", "/tmp", "/usr", "/dev", "/"]:
    attempt(path, lambda: call("umount2", path.encode(), 2))`,
  },
  {
    number: 405,
    name: "make a user namespace, and be root in it",
    holds: "refused",
    sandboxOnly: true,
    script: py`
attempt("unshare", lambda: call("unshare", 0x10000000))
attempt("all", lambda: call("unshare", 0x10000000 | 0x20000 | 0x40000000))
attempt("clone", lambda: call("clone", 0x10000000 | 17, 0, 0, 0, 0))
attempt("clone3", lambda: call("clone3", 0, 0))
for kind in ["--user", "--mount", "--net", "--pid", "--ipc", "--uts", "--cgroup", "--time"]:
    if subprocess.run(["unshare", kind, "true"], stderr=subprocess.DEVNULL).returncode == 0:
        got(f"unshare {kind}")`,
  },
  {
    number: 406,
    name: "undo read-only mounts with bubblewrap itself",
    holds: "it does not start",
    sandboxOnly: true,
    script: py`
done = subprocess.run(["bwrap", "--bind", "/", "/", "--unshare-user", "true"], capture_output=True, text=True)
if done.returncode == 0:
    got("nested bubblewrap runs")
TRIED.append(done.stderr.strip()[:100])`,
  },
  {
    number: 407,
    name: "enter the namespaces of the daemon or of the first process",
    holds: "no such process, or refused",
    sandboxOnly: true,
    script: py`
for pid in [1, daemon()]:
    for kind in ["mnt", "net", "pid", "user", "ipc", "uts"]:
        attempt(f"{pid} {kind}", lambda: call("setns", os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY), 0))
attempt("pidfd", lambda: call("setns", os.pidfd_open(1), 0x20000))`,
  },
  {
    number: 408,
    name: "change the root",
    holds: "refused",
    sandboxOnly: true,
    script: py`
attempt("chroot", lambda: call("chroot", b"/tmp"))
attempt("pivot_root", lambda: call("pivot_root", b"/tmp", b"/tmp"))`,
  },
  {
    number: 409,
    name: "load a module, restart, start another kernel, swap (with bad arguments)",
    holds: "refused",
    sandboxOnly: true,
    script: py`
attempt("init_module", lambda: call("init_module", 0, 0, b""))
attempt("finit_module", lambda: call("finit_module", -1, b"", 0))
attempt("reboot", lambda: call("reboot", 0, 0, 0, 0))
attempt("kexec_load", lambda: call("kexec_load", 0, 0, 0, 1 << 40))
attempt("swapoff", lambda: call("swapoff", b"/nothing"))
attempt("acct", lambda: call("acct", b"/nothing"))
refused = [one for one in TRIED if "EPERM" not in one and "ENOSYS" not in one]
if refused:
    got(f"the kernel looked at it: {refused}")`,
  },
  {
    number: 410,
    name: "write kernel settings (core_pattern, sysrq-trigger, binfmt_misc, modprobe)",
    holds: "read-only",
    sandboxOnly: true,
    script: py`
for path in ["sys/kernel/core_pattern", "sys/kernel/modprobe", "sys/net/ipv4/ip_forward", "sysrq-trigger", "sys/fs/binfmt_misc/register", "sys/user/max_user_namespaces", "sys/kernel/hostname", "sys/vm/overcommit_memory", "irq/0/smp_affinity", "self/uid_map", "self/setgroups", "self/timens_offsets"]:
    attempt(path, lambda: os.open("/proc/" + path, os.O_WRONLY) if "self/" not in path else write("/proc/" + path, "0 0 1\n", "w"))`,
  },
  {
    number: 411,
    name: "write under /sys",
    holds: "it is not there",
    sandboxOnly: true,
    script: py`
for path in ["/sys/kernel/uevent_helper", "/sys/fs/cgroup/planted", "/sys/power/state", "/sys/firmware"]:
    attempt(path, lambda: os.stat(path))`,
  },
  {
    number: 412,
    name: "move itself to another control group",
    holds: "no control groups are visible",
    sandboxOnly: true,
    script: py`
for root, folders, files in os.walk("/sys/fs/cgroup"):
    for name in files:
        if name in ("cgroup.procs", "tasks"):
            attempt(root, lambda: write(f"{root}/{name}", str(os.getpid()), "w"))
    if root.count("/") > 6:
        folders.clear()`,
  },
  {
    number: 413,
    name: "use bpf, perf events, userfaultfd, io_uring, fsopen",
    holds: "refused",
    script: py`
attempt("userfaultfd", lambda: call("userfaultfd", 1))
attempt("io_uring", lambda: call("io_uring_setup", 1, ctypes.create_string_buffer(120)))
attempt("perf", lambda: call("perf_event_open", ctypes.create_string_buffer(struct.pack("II", 1, 112) + bytes(104)), 0, -1, -1, 0))
attempt("bpf", lambda: call("bpf", 0, ctypes.create_string_buffer(struct.pack("IIII", 2, 4, 4, 1) + bytes(100)), 72))
if W["level"] == "sandbox":
    attempt("fsopen", lambda: call("fsopen", b"tmpfs", 0))
    attempt("fanotify", lambda: call("fanotify_init", 0, 0))`,
  },
  {
    number: 415,
    name: "read and fill the user's keyrings",
    holds: "refused",
    script: py`
attempt("session", lambda: call("keyctl", 0, -3, 0))
attempt("user", lambda: call("keyctl", 0, -4, 0))
if W["level"] == "sandbox":
    attempt("add", lambda: call("add_key", b"user", b"planted", b"x", 1, -4))
    attempt("/proc/keys", lambda: read("/proc/keys") or None)`,
  },
  {
    number: 416,
    name: "make sockets of other kinds (vsock, packet, crypto, audit)",
    holds: "refused",
    script: py`
attempt("vsock", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("alg", lambda: socket.socket(38, socket.SOCK_SEQPACKET))
attempt("packet", lambda: socket.socket(17, socket.SOCK_RAW))
attempt("audit", lambda: socket.socket(16, socket.SOCK_RAW, 9))
if W["level"] == "sandbox":
    attempt("bluetooth", lambda: socket.socket(31, socket.SOCK_RAW, 1))`,
  },
  {
    number: 417,
    name: "make system calls of the 32-bit and x32 kinds",
    holds: "the process ends, or refused",
    script: py`
if os.uname().machine != "x86_64":
    held("there are none on this machine")
LIBC.syscall.restype = ctypes.c_long
if W["level"] == "sandbox" and LIBC.syscall(0x40000000 + 39) > 0:
    got("x32 getpid")
import mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes.fromhex("b814000000cd80c3"))
pid = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
got(f"32-bit getpid: {pid}") if pid == os.getpid() else None`,
  },
  {
    number: 418,
    name: "turn off the randomization of addresses, or become another system",
    holds: "refused",
    script: py`
libc = LIBC.personality
if libc(0x0040000) != -1 and libc(0xFFFFFFFF) & 0x0040000:
    got("addresses are no longer random")`,
  },
  {
    number: 419,
    name: "type into the controlling terminal",
    holds: "refused",
    script: py`
import pty, termios
main, terminal = pty.openpty()
os.setsid()
fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
attempt("TIOCSTI", lambda: fcntl.ioctl(terminal, termios.TIOCSTI, b"x") == 0 or None)
attempt("64 bit", lambda: LIBC.ioctl(terminal, ctypes.c_ulong(0xFF00000000 | termios.TIOCSTI), b"x") == 0 or None)
attempt("TIOCLINUX", lambda: fcntl.ioctl(terminal, 0x541C, b"\x02x"))`,
  },
  {
    number: 420,
    name: "read kernel addresses and the kernel's log",
    holds: "zeros, or refused",
    sandboxOnly: true,
    script: py`
attempt("syslog", lambda: call("syslog", 3, ctypes.create_string_buffer(100), 100))
for line in read("/proc/kallsyms").split("\n")[:100] if os.access("/proc/kallsyms", os.R_OK) else []:
    if line and int(line.split()[0], 16) != 0:
        got(line)`,
  },
  {
    number: 421,
    name: "crash and leave a core dump",
    holds: "no core",
    script: py`
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
if hard != 0:
    got(f"cores of {hard} bytes are allowed")
attempt("raise", lambda: limit(resource.RLIMIT_CORE, 1 << 20)) if W["level"] == "sandbox" else None
if os.fork() == 0:
    os.abort()
os.wait()
left = [name for name in os.listdir(".") if "core" in name]
if left:
    got(left)`,
  },
  {
    number: 422,
    name: "make character devices",
    holds: "refused",
    sandboxOnly: true,
    script: py`
import stat
for folder in [".", "/tmp", "/dev/shm", "/home/task"]:
    for name, number in [("null", (1, 3)), ("mem", (1, 1)), ("whiteout", (0, 0)), ("fuse", (10, 229))]:
        attempt(f"{folder}/{name}", lambda: os.mknod(f"{folder}/{name}", stat.S_IFCHR | 0o600, os.makedev(*number)) or "made")`,
  },
  {
    number: 423,
    name: "leave files that cannot be changed or removed",
    holds: "refused",
    sandboxOnly: true,
    script: py`
with open("file", "w") as file:
    for request in [0x40086602, 0x401C5820, 0x40046602]:
        attempt(hex(request), lambda: fcntl.ioctl(file, request, bytes(32)))
    attempt("high bits", lambda: LIBC.ioctl(file.fileno(), ctypes.c_ulong(0x100000000 | 0x40086602), struct.pack("i", 0x10)) == 0 or None)`,
  },
  {
    number: 424,
    name: "use a filter of its own to win against a set-id program, or listen to calls",
    holds: "a filter may be added, never taken away",
    sandboxOnly: true,
    script: py`
if "Seccomp:\t2" not in read("/proc/self/status"):
    got("no filter is active")
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0:
    got("no_new_privs was taken back")
if LIBC.prctl(PR_SET_SECCOMP, 0, 0, 0, 0) == 0:
    got("the filter was taken off")
attempt("drop in", lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, 0))`,
  },
  {
    number: 425,
    name: "let a traced process make a refused call (change its number after the filter has looked)",
    holds: "the filter looks again",
    sandboxOnly: true,
    seconds: 30,
    script: py`
if os.uname().machine != "x86_64":
    held("written for x86_64")
PTRACE_TRACEME, PEEKUSER, POKEUSER, SYSCALL, CONT = 0, 3, 6, 24, 7
child = os.fork()
if child == 0:
    LIBC.ptrace(PTRACE_TRACEME, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
    LIBC.syscall(ctypes.c_long(39))
    os._exit(0 if LIBC.syscall(ctypes.c_long(110)) > 0 else 1)
os.waitpid(child, 0)
LIBC.ptrace.restype = ctypes.c_long
for _ in range(200):
    LIBC.ptrace(SYSCALL, child, 0, 0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSTOPPED(status):
        break
    # ORIG_RAX is the fifteenth register.
    if LIBC.ptrace(PEEKUSER, child, 15 * 8, 0) == 39:
        LIBC.ptrace(POKEUSER, child, 15 * 8, N["unshare"])
        LIBC.ptrace(POKEUSER, child, 14 * 8, 0x10000000)
        LIBC.ptrace(SYSCALL, child, 0, 0)
        os.waitpid(child, 0)
        result = LIBC.ptrace(PEEKUSER, child, 10 * 8, 0)
        os.kill(child, signal.SIGKILL)
        if result == 0:
            got("a user namespace by a changed call")
        held(f"the changed call gave {result}")
held("the call was not seen")`,
  },
];
