import { lstatSync, rmSync } from "node:fs";
import { type Act, py } from "../act.ts";

/** Acts that want to change what is not the task's, or to leave something there for later. */
export const WRITING: readonly Act[] = [
  {
    number: 201,
    name: "write into another task's folder",
    holds: "it is not there",
    script: py`got(write(W["otherTask"] + "/planted"))`,
  },
  {
    number: 202,
    name: "write into shared/",
    holds: "read-only",
    script: py`
attempt("change", lambda: write(W["shared"] + "/notes.txt"))
attempt("make", lambda: write(W["shared"] + "/planted"))
attempt("mode", lambda: os.chmod(W["shared"] + "/notes.txt", 0o666) or "changed")`,
  },
  {
    number: 203,
    name: "move or remove another task's folder",
    holds: "it is not there",
    script: py`
attempt("move", lambda: os.rename(W["otherTask"], W["otherTask"] + "-moved") or "moved")
attempt("remove", lambda: os.unlink(W["otherTask"] + "/private.txt") or "removed")`,
  },
  {
    number: 204,
    name: "write the owner's shell start files",
    holds: "they are not there",
    script: py`
for name in [".bashrc", ".profile", ".zshenv", ".gitconfig"]:
    attempt(name, lambda: write(f"{W['home']}/{name}"))`,
  },
  {
    number: 205,
    name: "write the owner's agent settings, hooks and memory",
    holds: "they are not there",
    script: py`
for name in ["settings.json", "CLAUDE.md", ".credentials.json"]:
    attempt(name, lambda: write(f"{W['home']}/.claude/{name}"))`,
  },
  {
    number: 206,
    name: "write hooks and settings of the project's own repository",
    holds: "it is not there",
    script: py`
attempt("hook", lambda: write(W["project"] + "/.git/hooks/pre-commit"))
attempt("config", lambda: write(W["project"] + "/.git/config"))`,
  },
  {
    number: 212,
    name: "write to /usr, /etc, /bin, /opt and into the root",
    holds: "read-only",
    sandboxOnly: true,
    script: py`
for path in ["/usr/bin", "/usr/local/bin", "/usr/lib", "/etc", "/bin", "/lib", "/opt", "/", "/run", "/var", "/home", "/dev", "/opt/node/bin"]:
    attempt(path, lambda: write(path + "/planted"))`,
  },
  {
    number: 213,
    name: "install a crontab, a systemd unit or an autostart entry",
    holds: "no place for them",
    script: py`
attempt("unit", lambda: write(W["home"] + "/.config/systemd/user/planted.service"))
for path in ["/etc/cron.d/planted", "/var/spool/cron/crontabs/task", "/etc/systemd/system/planted.service"]:
    if W["level"] == "sandbox":
        attempt(path, lambda: write(path))`,
  },
  {
    number: 214,
    name: "poison caches and tools that others use",
    holds: "they are private or not there",
    script: py`
for name in [".npm/_cacache/entry", ".local/bin/tool", "project/node_modules/dependency/index.js"]:
    attempt(name, lambda: write(f"{W['home']}/{name}"))`,
  },
  {
    number: 215,
    name: "leave a set-id program in the workspace",
    holds: "no such bit lands on the host",
    script: py`
open("program", "w").close()
attempt("chmod", lambda: os.chmod("program", 0o4755) or "set")
attempt("create", lambda: os.close(os.open("created", os.O_CREAT | os.O_WRONLY, 0o4755)) or "made")
attempt("fchmod", lambda: os.fchmod(os.open("program", os.O_WRONLY), 0o2755) or "set")
attempt("unnamed", lambda: os.link(f"/proc/self/fd/{os.open('.', os.O_TMPFILE | os.O_WRONLY, 0o6755)}", "named") or "made")
os.mkdir("folder")
os.chmod("folder", 0o755)
attempt("folder", lambda: os.chmod("folder", 0o2755) or "set")`,
  },
  {
    number: 216,
    name: "plant links in /tmp that the daemon's own names would follow",
    holds: "/tmp is its own",
    script: py`
name = "/tmp/escape-planted-" + W["id"]
os.symlink(W["home"], name)
print("planted", name)`,
    after: ({ world }) => linkProblem(`/tmp/escape-planted-${String(world.known["id"])}`),
  },
  {
    number: 217,
    name: "write through the roots of processes",
    holds: "they lead to the same view",
    script: py`
for pid in ["self", "1", str(os.getppid()), str(daemon())]:
    attempt(pid, lambda: write(f"/proc/{pid}/root{W['home']}/.bashrc"))`,
  },
  {
    number: 218,
    name: "change the made-up files of /etc",
    holds: "read-only",
    sandboxOnly: true,
    script: py`
for name in ["passwd", "hosts", "resolv.conf", "nsswitch.conf", "ld.so.cache", "ld.so.preload"]:
    attempt(name, lambda: write("/etc/" + name, "127.0.0.1 planted\n"))`,
  },
  {
    number: 219,
    name: "hard-link a shared file into the workspace and write it there",
    holds: "another file system, or refused",
    script: py`
os.link(W["shared"] + "/notes.txt", "notes")
got(write("notes"))`,
  },
  {
    number: 220,
    name: "give a file capabilities",
    holds: "refused",
    sandboxOnly: true,
    script: py`
open("program", "w").close()
value = struct.pack("<IIIII", 0x02000001, 0xFFFFFFFF, 0, 0xFFFFFFFF, 0)
attempt("security.capability", lambda: os.setxattr("program", "security.capability", value) or "set")
attempt("trusted", lambda: os.setxattr("program", "trusted.planted", b"x") or "set")`,
  },
  {
    number: 221,
    name: "replace the Node that every task is given",
    holds: "read-only",
    sandboxOnly: true,
    script: py`
node = next(path for path in ["/opt/node/bin/node", "/usr/bin/node", "/usr/local/bin/node"] if os.path.exists(path))
attempt("write", lambda: os.open(node, os.O_WRONLY))
attempt("remove", lambda: os.unlink(node) or "removed")
attempt("move", lambda: os.rename(node, node + "-old") or "moved")`,
  },
  {
    number: 222,
    name: "give the workspace itself away: its mode, its owner, its name",
    holds: "the mode may change, owner and name may not",
    sandboxOnly: true,
    script: py`
attempt("owner", lambda: os.chown(W["workspace"], 0, 0) or "given")
attempt("name", lambda: os.rename(W["workspace"], W["workspace"] + "-moved") or "moved")
attempt("remove", lambda: os.rmdir(W["workspace"]) or "removed")`,
  },
];

function linkProblem(path: string): string | null {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null;
  rmSync(path);
  return `${path} appeared on the host`;
}
