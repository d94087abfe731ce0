import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gitWorkspaces } from "../../../src/adapters/git-workspaces/git-workspaces.ts";
import { type Act, py, type Stage, unless, type Verdict } from "../act.ts";
import { emptyFolder } from "../canaries.ts";

/** Acts that leave a trap in the workspace for the daemon, which keeps and reads the results. */
export const PLANTING: readonly Act[] = [
  {
    number: 207,
    name: "plant hooks in the workspace's repository; the daemon keeps the result",
    holds: "no hook runs outside",
    play: (stage) =>
      kept(
        stage,
        py`
os.makedirs(".git/hooks", exist_ok=True)
for name in ["pre-commit", "post-commit", "post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"]:
    write(f".git/hooks/{name}", TRAP)
    os.chmod(f".git/hooks/{name}", 0o755)`,
      ),
  },
  {
    number: 208,
    name: "plant programs in the workspace's .git/config (fsmonitor, filter, diff, ssh, alias)",
    holds: "none runs outside",
    play: (stage) =>
      kept(
        stage,
        py`
write("trap", TRAP)
os.chmod("trap", 0o755)
trap = os.getcwd() + "/trap"
write(".git/config", f"""
[core]
fsmonitor = {trap}
sshCommand = {trap}
pager = {trap}
hooksPath = {os.getcwd()}
[filter "x"]
clean = {trap}
smudge = {trap}
process = {trap}
[diff]
external = {trap}
[gpg]
program = {trap}
[commit]
gpgsign = true
[include]
path = {trap}
""")
write(".gitattributes", "* filter=x diff=x\n")
write("a.txt", "changed\n")`,
      ),
  },
  {
    number: 209,
    name: "replace .git by a file that points to a hostile repository",
    holds: "the daemon does not follow it",
    play: (stage) =>
      kept(
        stage,
        py`
os.rename(".git", "hostile")
write("hostile/config", f"[core]\nfsmonitor = {os.getcwd()}/trap\nworktree = {W['home']}\n")
write("trap", TRAP)
os.chmod("trap", 0o755)
write(".git", f"gitdir: {os.getcwd()}/hostile\n")`,
      ),
  },
  {
    number: 210,
    name: "leave the result as a link to the owner's key; the daemon collects it",
    holds: "the link is kept as a link",
    play: (stage) =>
      kept(
        stage,
        py`
os.symlink(W["home"] + "/.ssh/id_ed25519", "RESULT.md")
os.symlink(W["home"], "home")`,
      ),
  },
  {
    number: 211,
    name: "leave the result as a pipe, so that whoever collects it waits for ever",
    holds: "the daemon does not wait",
    play: (stage) => kept(stage, `os.mkfifo("RESULT.md")\nos.mkfifo("a.txt.x")`),
  },
  {
    number: 805,
    name: "leave folders deeper than any path may be long",
    holds: "the daemon keeps what it can and puts the folder away",
    play: (stage) =>
      kept(
        stage,
        py`
for _ in range(1500):
    os.mkdir("deep")
    os.chdir("deep")`,
      ),
  },
  {
    number: 806,
    name: "leave names that are no text (line ends, escapes, broken bytes)",
    holds: "the daemon keeps what it can and puts the folder away",
    play: (stage) =>
      kept(
        stage,
        py`
for name in [b"\xff\xfe", b"a\nb", b"\x1b[2J", b"-rf", b" ", b"...", b"\xe2\x80\xae"]:
    os.mkdir(name)
    open(name + b"/" + name, "w").close()`,
      ),
  },
  {
    number: 807,
    name: "leave folders without any permission",
    holds: "the daemon keeps what it can and puts the folder away",
    play: (stage) =>
      kept(
        stage,
        py`
os.makedirs("a/b/c")
for path in ["a/b/c", "a/b", "a"]:
    os.chmod(path, 0)`,
      ),
  },
];

const KEEP_MS = 30_000;

/** Lets the task plant in a workspace as the daemon makes it, then keeps, shows and discards it. */
async function kept(stage: Stage, script: string): Promise<Verdict> {
  const { world, run } = stage;
  const { base, home } = world.places;
  const at = (name: string): string => join(base, "kept", name);
  const [tasks, trash, repositories] = [at("tasks"), at("trash"), at("repositories")];
  for (const path of [tasks, trash, repositories]) mkdirSync(path, { recursive: true });
  const searchPath = process.env["PATH"] ?? "/usr/bin:/bin";
  const now = (): number => Date.now();
  const options = { tasks, trash, repositories, program: "git", searchPath, now };
  const isFenced = stage.level === "sandbox";
  const workspaces = gitWorkspaces({
    ...options,
    ...(isFenced ? { fence: () => stage.launcher } : {}),
  });
  const signal = AbortSignal.timeout(KEEP_MS);
  try {
    const { path } = await workspaces.open(1, null, signal);
    const trap = `TRAP = "#!/bin/sh\\ntouch ${home}/trap-ran\\n"`;
    const { output } = await run(`${trap}\n${script}\nheld("planted")`, { workspace: path });
    if (!output.includes("HELD planted")) return unless(`the act failed: ${output}`, "");
    const { ref } = await workspaces.keep(1, 1, null, signal);
    const shown = await workspaces.diff(ref, null, 1024 * 1024);
    await workspaces.discard(1);
    const leak = world.leakIn(shown);
    return unless(leak === null ? null : `the secret of the ${leak} is in the result`, "kept");
  } finally {
    emptyFolder(join(base, "kept"));
    rmSync(join(base, "kept"), { recursive: true });
  }
}
