"""What every act begins with: where the world is (W), numbers of system calls (N), and its verdict."""

import ctypes, errno, fcntl, json, os, resource, signal, socket, struct, subprocess, sys, time

W = json.loads(os.environ["WORLD"])
N = json.loads(os.environ["NUMBERS"])
LIBC = ctypes.CDLL(None, use_errno=True)
TRIED = []


def got(how):
    """It got through: says so and ends."""
    print("BROKEN", str(how).replace("\n", " ")[:300], flush=True)
    os._exit(0)


def held(how):
    print("HELD", str(how).replace("\n", " ")[:300], flush=True)
    os._exit(0)


def call(name, *arguments):
    """The system call itself, without libc's own idea of it."""
    values = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = LIBC.syscall(ctypes.c_long(N[name]), *values)
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


def attempt(name, act):
    """Got through when the act gives something; an error of the system is noted and the next one is tried."""
    try:
        result = act()
    except OSError as error:
        TRIED.append(f"{name}: {errno.errorcode.get(error.errno, error)}")
        return
    if result is None:
        TRIED.append(f"{name}: nothing")
    else:
        got(f"{name}: {result}")


def limit(kind, most):
    """Sets a limit, soft and hard."""
    try:
        resource.setrlimit(kind, (most, most))
    except ValueError as error:
        raise OSError(errno.EPERM, str(error)) from None
    return "set"


def read(path):
    with open(path, "rb") as file:
        return file.read(100_000).decode("latin1")


def write(path, text="planted\n", mode="a"):
    with open(path, mode) as file:
        file.write(text)
    return "written"


def processes():
    """Pid and words of every process that shows."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            yield int(pid), read(f"/proc/{pid}/cmdline").split("\0")
        except OSError:
            pass


def daemon():
    """The daemon's pid where it shows as the daemon, else a pid that nobody has."""
    for pid, words in processes():
        if len(words) > 2 and words[1].endswith("stand-in.ts") and words[2] == W["database"]:
            return pid
    return 4_194_300


def unix(address, kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_UNIX, kind) as it:
        it.settimeout(3)
        it.connect(address)
        return it.recv(100)


def tcp(host, port, data=b"GET / HTTP/1.0\r\n\r\n", family=socket.AF_INET):
    with socket.socket(family) as it:
        it.settimeout(3)
        it.connect((host, port))
        it.sendall(data)
        return it.recv(1000)


def proxy(data, more=b"", wait=5):
    """All that the proxy answers to these bytes; empty when it hangs up."""
    with socket.socket() as it:
        it.settimeout(wait)
        it.connect(("127.0.0.1", 3128))
        it.sendall(data)
        answer = b""
        if more:
            answer = it.recv(1000)
            it.sendall(more)
        try:
            while len(answer) < 10_000:
                chunk = it.recv(1000)
                if not chunk:
                    break
                answer += chunk
        except OSError:
            pass
        return answer


def came_through(answer):
    return b" 200 " in answer.split(b"\r\n")[0]


def main(act):
    child = os.fork()
    if child == 0:
        try:
            act()
            held("; ".join(TRIED) or "nothing got through")
        except OSError as error:
            held(f"{errno.errorcode.get(error.errno, error)} {error.filename or ''}")
        except BaseException as error:
            print("ODD", type(error).__name__, str(error).replace("\n", " "), flush=True)
            os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        held(f"the act died of {signal.Signals(os.WTERMSIG(status)).name}")
