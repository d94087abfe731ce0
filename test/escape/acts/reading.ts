import { type Act, py } from "../act.ts";

/** Acts that want to know what is not the task's. */
export const READING: readonly Act[] = [
  {
    number: 101,
    name: "read /etc/shadow and its backups",
    holds: "no password hashes",
    script: py`
for path in ["/etc/shadow", "/etc/shadow-", "/etc/gshadow"]:
    attempt(path, lambda: len(read(path)))`,
  },
  {
    number: 102,
    name: "read another task's folder",
    holds: "it is not there",
    script: py`got(read(W["otherTask"] + "/private.txt"))`,
  },
  {
    number: 103,
    name: "read the daemon's database",
    holds: "it is not there",
    script: py`got(read(W["database"]))`,
  },
  {
    number: 104,
    name: "read the owner's SSH key",
    holds: "it is not there",
    script: py`got(read(W["home"] + "/.ssh/id_ed25519"))`,
  },
  {
    number: 105,
    name: "read the owner's tokens (.npmrc, .git-credentials)",
    holds: "they are not there",
    script: py`
for name in [".npmrc", ".git-credentials"]:
    attempt(name, lambda: read(W["home"] + "/" + name))`,
  },
  {
    number: 106,
    name: "read the owner's agent credentials",
    holds: "the task has only what it was given",
    script: py`got(read(W["home"] + "/.claude/.credentials.json"))`,
  },
  {
    number: 107,
    name: "read the owner's shell history",
    holds: "it is not there",
    script: py`got(read(W["home"] + "/.bash_history"))`,
  },
  {
    number: 108,
    name: "read the sources of a project that was not given",
    holds: "they are not there",
    script: py`got(read(W["project"] + "/private.txt"))`,
  },
  {
    number: 109,
    name: "list the other tasks",
    holds: "only its own shows",
    script: py`
names = os.listdir(W["tasks"])
if "2" in names:
    got(names)`,
  },
  {
    number: 110,
    name: "read the daemon's configuration",
    holds: "it is not there",
    script: py`got(read(W["state"] + "/configuration.yaml"))`,
  },
  {
    number: 111,
    name: "read with .. out of the workspace",
    holds: "what is above holds nothing",
    script: py`
got(read(W["workspace"] + "/../2/private.txt"))`,
  },
  {
    number: 112,
    name: "read through a link from the workspace",
    holds: "the link leads nowhere",
    script: py`
os.symlink(W["home"] + "/.ssh/id_ed25519", "link")
got(read("link"))`,
  },
  {
    number: 113,
    name: "read through the roots and folders of processes",
    holds: "they lead to the same view",
    script: py`
for pid in ["self", "1", str(os.getppid())]:
    for way in ["root", "cwd/../../../../../../.."]:
        attempt(f"{pid}/{way}", lambda: read(f"/proc/{pid}/{way}{W['database']}"))`,
  },
  {
    number: 114,
    name: "make a hard link to the database in the workspace",
    holds: "no such file, or another file system",
    script: py`
os.link(W["database"], "linked")
got(read("linked"))`,
  },
  {
    number: 115,
    name: "use descriptors that came from the launcher",
    holds: "none above 2 is inherited",
    script: py`
for fd in os.listdir("/proc/self/fd"):
    if int(fd) > 2:
        attempt(fd, lambda: os.readlink(f"/proc/self/fd/{fd}") if os.fstat(int(fd)) else None)`,
  },
  {
    number: 116,
    name: "make a device node for the root disk and read it",
    holds: "refused",
    sandboxOnly: true,
    script: py`
import stat
disk = os.stat(W["workspace"]).st_dev
os.mknod("disk", stat.S_IFBLK | 0o600, disk)
got(len(open("disk", "rb").read(512)))`,
  },
  {
    number: 117,
    name: "open the machine's memory and log (/dev/mem, /dev/kmsg, /proc/kcore)",
    holds: "not there, or refused",
    script: py`
for path in ["/dev/mem", "/dev/kmsg", "/proc/kcore", "/dev/vda", "/dev/sda", "/proc/vmcore"]:
    attempt(path, lambda: len(open(path, "rb", buffering=0).read(1)))`,
  },
  {
    number: 118,
    name: "open files by handle, past every path",
    holds: "refused",
    script: py`
handle = struct.pack("Ii8s", 8, 1, struct.pack("II", 2, 0))
mount = os.open(W["workspace"], os.O_RDONLY)
got(call("open_by_handle_at", mount, ctypes.create_string_buffer(handle), 0))`,
  },
  {
    number: 119,
    name: "look for the daemon's secrets in the own environment",
    holds: "nothing is inherited",
    script: py`
print(dict(os.environ))
for name in os.environ:
    if "SECRET" in name or name.startswith("SSH_") or name.startswith("XDG_"):
        got(name)`,
  },
  {
    number: 120,
    name: "read the environment of other processes",
    holds: "only the own tree's, without a secret",
    script: py`
attempt("daemon", lambda: read(f"/proc/{daemon()}/environ"))
attempt("runner", lambda: len(read(f"/proc/{W['runner']}/environ")) if daemon() < 4_194_300 else None)
print(read("/proc/1/environ") if os.access("/proc/1/environ", os.R_OK) else "")`,
  },
  {
    number: 121,
    name: "see the daemon and other users' processes",
    holds: "only its own tree",
    script: py`
if daemon() < 4_194_300:
    got(f"pid {daemon()}")
others = [pid for pid, words in processes() if pid > 1 and os.stat(f"/proc/{pid}").st_uid != os.getuid()]
if others:
    got(f"processes of others: {others[:5]}")`,
  },
  {
    number: 122,
    name: "open the daemon's files through /proc/PID/fd",
    holds: "no such process",
    script: py`
for fd in os.listdir(f"/proc/{daemon()}/fd"):
    path = f"/proc/{daemon()}/fd/{fd}"
    if os.readlink(path) == W["database"]:
        got(read(path))`,
  },
  {
    number: 123,
    name: "read a file that another program left in /tmp",
    holds: "/tmp is its own",
    script: py`got(read(W["temporaryFile"]))`,
  },
  {
    number: 124,
    name: "read a file in the host's /dev/shm",
    holds: "/dev/shm is its own",
    script: py`got(read(W["memoryFile"]))`,
  },
  {
    number: 125,
    name: "read /var/lib, /srv, /mnt, /boot, /sys, /root and /home",
    holds: "nothing of them is visible",
    script: py`
own = W["workspace"].split("/")
for path in ["/var/lib", "/var/log", "/srv", "/mnt", "/media", "/boot", "/sys", "/root", "/home"]:
    try:
        names = [name for name in os.listdir(path) if name not in ("task", *own)]
    except OSError:
        continue
    if names:
        got(f"{path}: {names[:5]}")`,
  },
  {
    number: 126,
    name: "read the folder in which the daemon keeps what sandboxes are made of",
    holds: "it is not there",
    script: py`
for folder in ["/tmp", "/run", "/var/tmp"]:
    for name in os.listdir(folder) if os.path.isdir(folder) else []:
        if name.startswith("sle-run-"):
            got(f"{folder}/{name}")`,
  },
  {
    number: 127,
    name: "read host keys and settings in /etc (ssh, gitconfig, npmrc, environment, machine-id)",
    holds: "/etc is made up",
    script: py`
for path in ["/etc/ssh/sshd_config", "/etc/machine-id", "/etc/environment", "/etc/gitconfig", "/etc/npmrc", "/etc/sudoers", "/etc/fstab", "/etc/ssl/private/x"]:
    attempt(path, lambda: len(read(path)))
attempt("/etc/ssl/private", lambda: os.listdir("/etc/ssl/private"))`,
  },
  {
    number: 128,
    name: "find the owner's name in /etc/passwd and in the table of mounts",
    holds: "nobody but the task is known",
    script: py`
names = [line.split(":")[0] for line in read("/etc/passwd").split()]
if set(names) - {"task", "nobody"}:
    got(names[:5])
if W["home"] in read("/proc/self/mountinfo"):
    got("the owner's home is in mountinfo")`,
  },
  {
    number: 129,
    name: "open the old root that the sandbox was made from (/oldroot, /newroot)",
    holds: "it is gone",
    script: py`
for path in ["/oldroot", "/newroot", "/.oldroot"]:
    attempt(path, lambda: os.listdir(path))`,
  },
];
