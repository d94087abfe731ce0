import { type Act, py } from "../act.ts";
import { saidBy } from "../play.ts";

/** Acts that talk to what runs beside the task on the same machine, without a network. */
export const IPC: readonly Act[] = [
  {
    number: 501,
    name: "talk to container engines and the init system (docker.sock, containerd, systemd)",
    holds: "no such sockets",
    sandboxOnly: true,
    script: py`
for path in ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock", "/run/systemd/private", "/run/user/1000/systemd/private"]:
    attempt(path, lambda: unix(path))`,
  },
  {
    number: 502,
    name: "talk to the owner's ssh-agent",
    holds: "no such socket",
    script: py`got(unix(W["sockets"] + "/agent.sock"))`,
  },
  {
    number: 503,
    name: "talk to the X server by its path",
    holds: "no such socket",
    script: py`got(unix(W["sockets"] + "/display.sock"))`,
  },
  {
    number: 504,
    name: "talk to the session bus",
    holds: "no such socket",
    script: py`got(unix(W["sockets"] + "/bus.sock"))`,
  },
  {
    number: 505,
    name: "talk to the daemon's control socket",
    holds: "no such socket",
    script: py`got(unix(W["sockets"] + "/control.sock"))`,
  },
  {
    number: 506,
    name: "talk to an abstract socket of the daemon",
    holds: "abstract names are its own",
    script: py`got(unix("\0" + W["abstract"] + "-abstract"))`,
  },
  {
    number: 507,
    name: "talk to the X server by its abstract name",
    holds: "abstract names are its own",
    script: py`got(unix("\0" + W["abstract"] + "-display"))`,
  },
  {
    number: 508,
    name: "talk to the system bus, the log and the name service",
    holds: "no such sockets",
    sandboxOnly: true,
    script: py`
for path in ["/run/dbus/system_bus_socket", "/var/run/dbus/system_bus_socket", "/run/nscd/socket"]:
    attempt(path, lambda: unix(path))
attempt("/dev/log", lambda: unix("/dev/log", socket.SOCK_DGRAM))
attempt("journal", lambda: unix("/run/systemd/journal/socket", socket.SOCK_DGRAM))`,
  },
  {
    number: 509,
    name: "attach to the host's System V shared memory",
    holds: "its own namespace",
    script: py`
if W["memory"] is None:
    print("SKIP no segment could be made")
    os._exit(0)
LIBC.shmat.restype = ctypes.c_void_p
address = LIBC.shmat(W["memory"], None, 0o10000)
if address is not None and address < 1 << 62:
    got(ctypes.string_at(address, 40).decode("latin1"))`,
  },
  {
    number: 510,
    name: "see System V objects and message queues of the host",
    holds: "its own namespace",
    script: py`
for name in ["shm", "sem", "msg"]:
    lines = read(f"/proc/sysvipc/{name}").strip().split("\n")
    if len(lines) > 1:
        got(f"{name}: {len(lines) - 1} of others")`,
  },
  {
    number: 511,
    name: "replace or remove its own way out",
    holds: "read-only",
    sandboxOnly: true,
    network: "open",
    script: py`
attempt("remove", lambda: os.unlink("/run/egress.sock") or "removed")
attempt("move", lambda: os.rename("/run/egress.sock", "/tmp/egress.sock") or "moved")
attempt("link", lambda: os.link("/run/egress.sock", "/tmp/egress.sock") or "linked")
attempt("link to workspace", lambda: os.link("/run/egress.sock", "egress.sock") or "linked")
attempt("mode", lambda: os.chmod("/run/egress.sock", 0o777) or "changed")`,
  },
  {
    number: 512,
    name: "search the whole tree for sockets and pipes of others",
    holds: "only its own way out",
    sandboxOnly: true,
    network: "open",
    script: py`
import stat
for root, folders, files in os.walk("/"):
    folders[:] = [name for name in folders if root != "/" or name not in ("proc", "usr", "lib")]
    for name in files:
        path = os.path.join(root, name)
        mode = os.lstat(path).st_mode
        if (stat.S_ISSOCK(mode) or stat.S_ISFIFO(mode)) and path != "/run/egress.sock":
            got(path)`,
  },
  {
    number: 513,
    name: "list the sockets of the host",
    holds: "none shows",
    script: py`
if W["abstract"] in read("/proc/net/unix"):
    got("the daemon's abstract sockets show")`,
  },
  {
    number: 514,
    name: "send signals by what the kernel sends for others (SIGIO owner, timers, locks)",
    holds: "no such process",
    script: py`
reader, writer = os.pipe()
F_SETOWN = 8
fcntl.fcntl(reader, F_SETOWN, daemon())
fcntl.fcntl(reader, 10, signal.SIGUSR2)
fcntl.fcntl(reader, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
os.write(writer, b"x")
time.sleep(0.2)
TRIED.append("asked for signals")`,
  },
  {
    number: 515,
    name: "talk to a socket in a folder that may only be read",
    holds: "what may be read may not be talked to",
    sandboxOnly: true,
    play: async ({ run, world }) => {
      const { sockets } = world.places;
      const end = await run(
        py`
for name in ["control", "agent"]:
    attempt(name, lambda: unix(W["sockets"] + f"/{name}.sock"))`,
        { confinement: { readable: [sockets] } },
      );
      return saidBy(end);
    },
  },
];
