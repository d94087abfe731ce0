"""Tries what a sandbox refuses, each act in a process of its own, in the folder it is started in.

Takes the numbers of the system calls as JSON in its one argument (null where there is no such call)
and prints as JSON what came of each act: "ok", the name of the error, or of the signal that ended it.
"""

import ctypes
import errno
import fcntl
import json
import mmap
import os
import pty
import signal
import socket
import stat
import sys
import termios

NUMBERS = json.loads(sys.argv[1])
LIBC = ctypes.CDLL(None, use_errno=True)
AT_FDCWD = -100
SIGCHLD = 17
CLONE_NEWNS = 0x20000
CLONE_NEWUSER = 0x10000000


def call(name, *arguments):
    """The system call itself, without libc's own idea of it."""
    values = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = LIBC.syscall(ctypes.c_long(NUMBERS[name]), *values)
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def clone(flags):
    if call("clone", flags | SIGCHLD, 0, 0, 0, 0) == 0:
        os._exit(0)
    os.wait()


def chmod(mode):
    open("chmod", "w").close()
    os.chmod("chmod", mode)


def fchmod(mode):
    with open("fchmod", "w") as file:
        os.fchmod(file.fileno(), mode)


def fchmodat(name, mode):
    open(name, "w").close()
    call(name, AT_FDCWD, name.encode(), mode, 0)


def ioctl(request):
    with open("ioctl", "w") as file:
        fcntl.ioctl(file, request, bytes(64))


def type_into_terminal():
    """Only the terminal that controls a process lets it type."""
    _, terminal = pty.openpty()
    os.setsid()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    fcntl.ioctl(terminal, termios.TIOCSTI, b"x")


def call_as_i386():
    """getpid() by int 0x80."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    ctypes.CFUNCTYPE(ctypes.c_int)(address)()


def create(mode):
    os.close(os.open("create", os.O_CREAT | os.O_WRONLY, mode))


def unnamed(mode):
    os.close(os.open(".", os.O_TMPFILE | os.O_WRONLY, mode))


ACTS = {
    "mount a file system": lambda: call("mount", b"none", b"/tmp", b"tmpfs", 0, 0),
    "change the root": lambda: call("chroot", b"/"),
    "unshare a user namespace": lambda: call("unshare", CLONE_NEWUSER),
    "unshare a mount namespace": lambda: call("unshare", CLONE_NEWNS),
    "clone into a user namespace": lambda: clone(CLONE_NEWUSER),
    "clone3": lambda: call("clone3", 0, 0),
    "openat2": lambda: call("openat2", 0, 0, 0, 0),
    "ask for a keyring": lambda: call("keyctl", 0, -5, 0),
    "bpf": lambda: call("bpf", 0, 0, 0),
    "perf_event_open": lambda: call("perf_event_open", 0, 0, -1, -1, 0),
    "userfaultfd": lambda: call("userfaultfd", 1),
    "io_uring_setup": lambda: call("io_uring_setup", 1, 0),
    "open by handle": lambda: call("open_by_handle_at", -1, 0, 0),
    "turn off address randomization": lambda: call("personality", 0x40000),
    "chmod u+s": lambda: chmod(0o4755),
    "chmod g+s": lambda: chmod(0o2755),
    "fchmod u+s": lambda: fchmod(0o4755),
    "fchmodat u+s": lambda: fchmodat("fchmodat", 0o4755),
    "fchmodat2 u+s": lambda: fchmodat("fchmodat2", 0o4755),
    "create a set-uid file": lambda: create(0o4755),
    "create an unnamed set-uid file": lambda: unnamed(0o4755),
    "mknod a set-gid file": lambda: os.mknod("regular", stat.S_IFREG | 0o2755),
    "mknod a device": lambda: os.mknod("device", stat.S_IFCHR | 0o644, os.makedev(1, 3)),
    "mknod a whiteout": lambda: os.mknod("whiteout", stat.S_IFCHR | 0o644, os.makedev(0, 0)),
    "AF_VSOCK": lambda: socket.socket(40, socket.SOCK_STREAM),
    "AF_PACKET": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "AF_ALG": lambda: socket.socket(38, socket.SOCK_SEQPACKET),
    "netlink to the audit log": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9),
    "type into a terminal": type_into_terminal,
    "set attributes": lambda: ioctl(0x40086602),
    "set extended attributes": lambda: ioctl(0x401C5820),
    "file_setattr": lambda: call("file_setattr", AT_FDCWD, b".", 0, 0, 0),
}

if NUMBERS["modify_ldt"] is not None:
    ACTS["modify_ldt"] = lambda: call("modify_ldt", 0, 0, 0)
    ACTS["call as i386"] = call_as_i386


def outcome(act):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(writing, tried(act).encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return os.read(reading, 100).decode()


def tried(act):
    try:
        act()
        return "ok"
    except OSError as error:
        return errno.errorcode[error.errno]


print(json.dumps({name: outcome(act) for name, act in ACTS.items()}))
