/** A setting or file by which git runs a program that an agent named. */
export interface Trap {
  readonly name: string;
  /** Sets it in a workspace; `$C` is the canary, `$WS` the workspace. A script of the shell. */
  readonly arm: string;
  /** What anyone might call there, by which the canary does sing. */
  readonly fire: string;
}

const set = (key: string, value = "$C"): string => `git config ${key} "${value}"`;
const ATTRIBUTES = "echo '* filter=trap diff=trap merge=trap' >.gitattributes";
const COMMIT = "git commit -q --no-verify -m x";
/** Ends where nothing answers, and by then it was run. */
const FETCH = "timeout 10 git fetch";

/** Every setting by which git starts something (evidence 2.3 and what git's own manual names besides). */
export const SETTINGS: readonly Trap[] = [
  { name: "core.fsmonitor", arm: set("core.fsmonitor"), fire: "git status" },
  {
    name: "core.hooksPath",
    arm: `mkdir -p .git/h && cp $C .git/h/pre-commit && ${set("core.hooksPath", ".git/h")}`,
    fire: "git commit --allow-empty -m x",
  },
  { name: "core.sshCommand", arm: set("core.sshCommand"), fire: `${FETCH} ssh://host.invalid/x` },
  { name: "core.gitProxy", arm: set("core.gitProxy"), fire: `${FETCH} git://host.invalid/x` },
  {
    name: "core.pager",
    arm: set("core.pager"),
    fire: "TERM=xterm script -qec 'git -p log' /dev/null </dev/null",
  },
  {
    name: "pager.log",
    arm: set("pager.log"),
    fire: "TERM=xterm script -qec 'git log' /dev/null </dev/null",
  },
  { name: "core.editor", arm: set("core.editor"), fire: "git commit --allow-empty" },
  { name: "sequence.editor", arm: set("sequence.editor"), fire: "git rebase -i HEAD" },
  {
    name: "core.alternateRefsCommand",
    arm: set("core.alternateRefsCommand"),
    fire: "git rev-list --alternate-refs",
  },
  {
    name: "core.askPass",
    arm: set("core.askPass"),
    fire: "printf 'protocol=https\\nhost=x\\n\\n' | git credential fill",
  },
  {
    name: "credential.helper",
    arm: set("credential.helper", "!$C"),
    fire: "printf 'protocol=https\\nhost=x\\n\\n' | git credential fill",
  },
  {
    name: "filter.clean",
    arm: `${ATTRIBUTES}; ${set("filter.trap.clean")}`,
    fire: "echo z >z; git add z",
  },
  {
    name: "filter.smudge",
    arm: `${ATTRIBUTES}; ${set("filter.trap.smudge")}`,
    fire: "rm -f lib/b.txt; git checkout -q -- lib/b.txt",
  },
  {
    name: "filter.process",
    arm: `${ATTRIBUTES}; ${set("filter.trap.process")}`,
    fire: "echo z >z; git add z",
  },
  { name: "diff.external", arm: set("diff.external"), fire: "echo x >>a.txt; git diff HEAD" },
  {
    name: "diff.command",
    arm: `${ATTRIBUTES}; ${set("diff.trap.command")}`,
    fire: "echo x >>a.txt; git diff HEAD",
  },
  {
    name: "diff.textconv",
    arm: `${ATTRIBUTES}; ${set("diff.trap.textconv")}`,
    fire: "echo x >>a.txt; git diff HEAD",
  },
  {
    name: "merge.driver",
    arm: `${ATTRIBUTES}; ${set("merge.trap.driver")}`,
    fire: `git add -A; ${COMMIT}; echo r >a.txt; git add -A; ${COMMIT}; git checkout -q -b l HEAD~1; echo l >a.txt; git add a.txt; ${COMMIT}; git merge -`,
  },
  {
    name: "gpg.program",
    arm: `${set("gpg.program")}; ${set("commit.gpgSign", "true")}`,
    fire: "git commit --allow-empty -m x",
  },
  {
    name: "gpg.ssh.program",
    arm: `${set("gpg.ssh.program")}; ${set("gpg.format", "ssh")}; ${set("user.signingKey", "key::ssh-ed25519 AAAA")}; ${set("commit.gpgSign", "true")}`,
    fire: "git commit --allow-empty -m x",
  },
  {
    name: "include.path",
    arm: `printf '[core]\\n\\tfsmonitor = %s\\n' $C >.git/included; ${set("include.path", "included")}`,
    fire: "git status",
  },
  {
    name: "includeIf",
    arm: `printf '[core]\\n\\tfsmonitor = %s\\n' $C >.git/included; ${set("includeIf.gitdir:/.path", "included")}`,
    fire: "git status",
  },
  {
    name: "extensions.worktreeConfig",
    arm: `${set("extensions.worktreeConfig", "true")}; printf '[core]\\n\\tfsmonitor = %s\\n' $C >.git/config.worktree`,
    fire: "git status",
  },
  {
    name: "extensions.partialClone and a promisor remote",
    arm: [
      set("core.repositoryFormatVersion", "1"),
      set("extensions.partialClone", "evil"),
      set("remote.evil.promisor", "true"),
      set("remote.evil.url", "ext::$C"),
      set("protocol.ext.allow", "always"),
    ].join("; "),
    fire: "git cat-file -p 1234567890123456789012345678901234567890",
  },
  {
    name: "remote.url with ext::",
    arm: `${set("remote.origin.url", "ext::$C")}; ${set("protocol.ext.allow", "always")}`,
    fire: `${FETCH} origin`,
  },
  {
    name: "remote.uploadpack",
    arm: `${set("remote.origin.url", ".")}; ${set("remote.origin.uploadpack")}`,
    fire: `${FETCH} origin`,
  },
  {
    name: "url.insteadOf",
    arm: `git config "url.ext::$C .insteadOf" https://; ${set("protocol.ext.allow", "always")}`,
    fire: `${FETCH} https://host.invalid/x`,
  },
  {
    name: "submodule.update",
    arm: `git init -q sub; (cd sub && git commit -q --allow-empty -m s); git add sub 2>/dev/null
      printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = ./sub\\n' >.gitmodules
      ${set("submodule.sub.url", "./sub")}; ${set("submodule.sub.update", "!$C")}; (cd sub && git commit -q --allow-empty -m t)`,
    fire: "git submodule update",
  },
  { name: "alias", arm: set("alias.st", "!$C"), fire: "git st" },
  {
    name: "trailer.command",
    arm: set("trailer.t.command"),
    fire: "echo s | git interpret-trailers --trailer t=1",
  },
  { name: "tar.command", arm: set("tar.trap.command"), fire: "git archive --format=trap HEAD" },
  {
    name: "difftool",
    arm: `${set("diff.tool", "t")}; ${set("difftool.t.cmd")}`,
    fire: "echo x >>a.txt; git difftool -y HEAD",
  },
  {
    name: "log.showSignature",
    arm: `${set("log.showSignature", "true")}; ${set("gpg.program")}
      printf 'tree %s\\nauthor a <a> 1 +0000\\ncommitter a <a> 1 +0000\\ngpgsig -----BEGIN PGP SIGNATURE-----\\n x\\n -----END PGP SIGNATURE-----\\n\\nm\\n' $(git rev-parse HEAD^{tree}) | git hash-object -t commit -w --stdin >.git/refs/heads/signed`,
    fire: "git log signed",
  },
];

const HOOKS = [
  ["pre-commit", "git commit --allow-empty -m x"],
  ["commit-msg", "git commit --allow-empty -m x"],
  ["post-commit", "git commit --allow-empty -m x"],
  ["post-checkout", "git checkout -q HEAD"],
  ["post-index-change", "echo z >z; git add z"],
  ["reference-transaction", "git branch r"],
  ["pre-rebase", "git rebase -f HEAD"],
] as const;

/** Files of a repository from which git starts something. */
export const FILES: readonly Trap[] = [
  ...HOOKS.map(([hook, fire]) => ({
    name: `hooks/${hook}`,
    arm: `mkdir -p .git/hooks && cp $C .git/hooks/${hook}`,
    fire,
  })),
  {
    name: "info/attributes",
    arm: `mkdir -p .git/info; echo '* filter=trap' >.git/info/attributes; ${set("filter.trap.clean")}`,
    fire: "echo z >z; git add z",
  },
  {
    name: "core.attributesFile",
    arm: `echo '* filter=trap' >.git/attrs; ${set("core.attributesFile", "$WS/.git/attrs")}; ${set("filter.trap.clean")}`,
    fire: "echo z >z; git add z",
  },
  {
    name: "a list of commits to edit, with exec",
    arm: `GIT_SEQUENCE_EDITOR='echo break >' git rebase -q -i HEAD; echo "exec $C" >.git/rebase-merge/git-rebase-todo`,
    fire: "git rebase --continue",
  },
  {
    name: ".git is a file that leads to a trapped repository",
    arm: `mv .git .g; git --git-dir=.g config core.fsmonitor $C; echo 'gitdir: .g' >.git`,
    fire: "git status",
  },
  {
    name: ".git is a link to a trapped repository",
    arm: `mv .git .g; git --git-dir=.g config core.fsmonitor $C; ln -s .g .git`,
    fire: "git status",
  },
  {
    name: "commondir leads to a trapped repository",
    arm: `git init -q --bare .evil; git --git-dir=.evil config core.fsmonitor $C; git --git-dir=.evil config core.bare false; cp -r .git/objects .evil; cp -r .git/refs .evil; echo ../.evil >.git/commondir`,
    fire: "git status",
  },
  {
    name: "a nested repository with a monitor",
    arm: "git init -q n; (cd n && echo n >n && git add n && git commit -q -m n && git config core.fsmonitor $C)",
    fire: "cd n && git status",
  },
  {
    name: "a nested repository where a tracked file was",
    arm: "rm a.txt; git init -q a.txt; (cd a.txt && echo n >n && git add n && git commit -q -m n && git config core.fsmonitor $C)",
    fire: "cd a.txt && git status",
  },
  {
    name: "a bare repository in plain sight",
    arm: "git init -q --bare b; git --git-dir=b config core.fsmonitor $C; git --git-dir=b config core.bare false; git --git-dir=b config core.worktree ..",
    fire: "cd b && git status",
  },
  {
    name: "a worktree with settings of its own",
    arm: `git worktree add -q wt; ${set("extensions.worktreeConfig", "true")}; git -C wt config --worktree core.fsmonitor $C`,
    fire: "cd wt && git status",
  },
  {
    name: ".GIT, which some file systems take for .git",
    arm: "mkdir .GIT; cp -r .git/. .GIT; git --git-dir=.GIT config core.fsmonitor $C; git --git-dir=.GIT config core.worktree $WS",
    fire: "git --git-dir=.GIT status",
  },
  {
    name: "names that are words for tar",
    arm: `touch -- '--checkpoint=1' "--checkpoint-action=exec=sh canary.sh" '-Icanary.sh'; echo '-*' >.gitignore; head -c 100000 /dev/zero >x.bin`,
    fire: "tar -cf /dev/null *",
  },
  {
    name: "such names in .git",
    arm: "touch -- '.git/--checkpoint=1' '.git/--checkpoint-action=exec=sh canary.sh'; cp canary.sh .git; head -c 100000 /dev/zero >.git/x",
    fire: "cd .git && tar -cf /dev/null -- * || cd $WS/.git && tar -cf /dev/null *",
  },
];
