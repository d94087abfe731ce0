import { SECRET } from "./world.ts";

/** Content by which an agent would have something read, lost, or taken for something else. */
export interface Content {
  readonly name: string;
  /** Makes it; `$SECRETS` is a folder outside with a secret in it, `$WS` the workspace. */
  readonly make: string;
  /** What shows that it is there and would do harm; its output must fit. */
  readonly shows: { readonly script: string; readonly says: RegExp };
}

const LEAKS = new RegExp(SECRET, "u");

/** What an agent may put into its folder (evidence 6, "Git"). */
export const CONTENTS: readonly Content[] = [
  {
    name: "a link to a folder outside",
    make: "ln -s $SECRETS out; rm -rf lib; ln -s $SECRETS lib",
    shows: { script: "cat out/secret.txt lib/secret.txt", says: LEAKS },
  },
  {
    name: "an ignored link to a folder outside",
    make: "echo 'out*' >.gitignore; ln -s $SECRETS out; ln -s $SECRETS/secret.txt out2",
    shows: { script: "cat out/secret.txt out2", says: LEAKS },
  },
  {
    name: "links outside in .git",
    make: "ln -s $SECRETS .git/objects/zz; ln -s $SECRETS/secret.txt .git/description; ln -s $SECRETS .git/refs/evil",
    shows: { script: "cat .git/objects/zz/secret.txt .git/description", says: LEAKS },
  },
  {
    name: "core.worktree elsewhere",
    make: "git config core.worktree $SECRETS",
    shows: { script: "git add -A; git grep --cached -h secret", says: LEAKS },
  },
  {
    name: "alternates that lead to the objects of another",
    make: `git init -q $SECRETS/repo; (cd $SECRETS/repo; cp ../secret.txt .; git add .; git commit -q -m s)
      echo $SECRETS/repo/.git/objects >>.git/objects/info/alternates; git -C $SECRETS/repo rev-parse HEAD >.git/refs/heads/stolen`,
    shows: { script: "git show stolen:secret.txt", says: LEAKS },
  },
  {
    name: "alternates that lead to another task's objects",
    make: `git init -q $TASKS/99; (cd $TASKS/99; cp $SECRETS/secret.txt .; git add .; git commit -q -m s)
      echo ../../../99/.git/objects >>.git/objects/info/alternates; git -C $TASKS/99 rev-parse HEAD >.git/refs/heads/stolen`,
    shows: { script: "git show stolen:secret.txt", says: LEAKS },
  },
  {
    name: "attributes behind a link",
    make: "echo 'a.txt -diff' >$SECRETS/attributes; ln -s $SECRETS/attributes .gitattributes; echo x >a.txt",
    shows: { script: "cat .gitattributes", says: /-diff/u },
  },
  {
    name: "submodules with odd names, paths and addresses",
    make: `printf '[submodule "../../x"]\\n\\tpath = ../x\\n\\turl = -u./payload\\n\\tupdate = !./canary.sh\\n[submodule "y"]\\n\\tpath = .git/y\\n\\turl = ext::sh\\n' >.gitmodules`,
    shows: { script: "git config -f .gitmodules -l", says: /-u\.\/payload/u },
  },
  {
    name: "a link in place of .gitmodules",
    make: "ln -s $SECRETS/secret.txt .gitmodules",
    shows: { script: "cat .gitmodules", says: LEAKS },
  },
  {
    name: "a gitlink to nothing",
    make: "git update-index --add --cacheinfo 160000,1234567890123456789012345678901234567890,gone; git commit -q -m l",
    shows: { script: "git ls-tree HEAD gone", says: /160000/u },
  },
  {
    name: "replaced objects",
    make: `tree=$(git ls-tree HEAD lib | git mktree); git replace -f HEAD $(git commit-tree -m other $tree)`,
    shows: { script: "git log -1 --format=%s HEAD", says: /^other/u },
  },
  {
    name: "grafts",
    make: "git commit -q --allow-empty -m second; mkdir -p .git/info; git rev-parse HEAD >.git/info/grafts",
    shows: { script: "git rev-list --count HEAD 2>/dev/null", says: /^1$/mu },
  },
  {
    name: "a shallow boundary where there is none",
    make: "git commit -q --allow-empty -m second; git rev-parse HEAD >.git/shallow",
    shows: { script: "git rev-list --count HEAD", says: /^1$/mu },
  },
  {
    name: "very many packed refs",
    make: `h=$(git rev-parse HEAD); { echo '# pack-refs with: peeled fully-peeled sorted'; seq -f "$h refs/heads/b%07.0f" 100000; } >.git/packed-refs`,
    shows: { script: "git for-each-ref | wc -l", says: /10\d{4}/u },
  },
  {
    name: "an index that says it is huge",
    make: "printf 'DIRC\\0\\0\\0\\2\\377\\377\\377\\377' >.git/index; head -c 3000000 /dev/zero >>.git/index",
    shows: { script: "git status", says: /error|fatal/u },
  },
  {
    name: "an index of another version with broken extensions",
    make: "printf 'DIRC\\0\\0\\0\\4\\0\\0\\0\\0TREE\\377\\377\\377\\377link' >.git/index",
    shows: { script: "git status", says: /error|fatal/u },
  },
  {
    name: "settings that include themselves",
    make: "git config include.path config",
    shows: { script: "git status", says: /include depth/u },
  },
  {
    name: "a HEAD without end",
    make: "head -c 5000000 /dev/zero | tr '\\0' a >.git/HEAD",
    shows: { script: "git status", says: /No commits yet/u },
  },
  {
    name: "pipes in .git",
    make: "rm .git/config; mkfifo .git/config; mkfifo .git/objects/pipe",
    shows: { script: "timeout 1 git status; echo $?", says: /124/u },
  },
  {
    name: "a pipe in place of .git",
    make: "rm -rf .git; mkfifo .git",
    shows: { script: "test -p .git && echo pipe", says: /pipe/u },
  },
  {
    name: "a file in place of .git that leads to the repository of another",
    make: `git init -q $SECRETS/r; (cd $SECRETS/r; cp ../secret.txt .; git add .; git commit -q -m s); rm -rf .git; echo "gitdir: $SECRETS/r/.git" >.git`,
    shows: { script: "git show HEAD:secret.txt", says: LEAKS },
  },
  {
    name: "locks that nobody will take away",
    make: "for l in index HEAD config packed-refs shallow refs/heads/main; do mkdir -p $(dirname .git/$l); : >.git/$l.lock; done",
    shows: { script: "git commit --allow-empty -m x", says: /File exists/u },
  },
  {
    name: "names of branches that are words and ways",
    make: "mkdir -p .git/refs/heads/x; h=$(git rev-parse HEAD); for n in -rf '@{1}' 'a..b' 'x/.lock' 'nul~1'; do echo $h >\".git/refs/heads/$n\"; done; echo 'ref: refs/heads/-rf' >.git/HEAD",
    shows: { script: "ls .git/refs/heads", says: /-rf/u },
  },
  {
    name: "an unborn branch and no common history",
    make: "git checkout -q --orphan fresh; git commit -q -m rewritten; git checkout -q --orphan unborn",
    shows: { script: "git log", says: /does not have any commits/u },
  },
  {
    name: "missing objects",
    make: "echo m >m; git add m; git commit -q -m m; rm -f .git/objects/??/*",
    shows: { script: "git fsck", says: /missing|bad|invalid/u },
  },
  {
    name: "a repository by SHA-256",
    make: "rm -rf .git; git init -q --object-format=sha256; git add -A; git commit -q -m s",
    shows: { script: "git rev-parse HEAD", says: /^[0-9a-f]{64}$/mu },
  },
  {
    name: "pointers of a large file store",
    make: "printf 'version https://git-lfs.github.com/spec/v1\\noid sha256:%064d\\nsize 1\\n' 1 >p.bin; echo '*.bin filter=lfs diff=lfs merge=lfs -text' >.gitattributes",
    shows: { script: "git check-attr filter p.bin", says: /lfs/u },
  },
  {
    name: "names that are no text, with ends of line and escapes",
    make: `n=$(printf 'x\\033[2J\\n\\351\\377'); mkdir "$n"; echo 1 >"$n/$n"; echo '*.o' >.gitignore; echo 2 >"$n/$n.o"`,
    shows: { script: "ls | od -c", says: /033/u },
  },
  {
    name: "very many files, small",
    make: `mkdir m; cd m; seq 1 5000 | while read i; do : >"$i"; done; mkdir ../.git/m; cd ../.git/m; seq 1 2000 | while read i; do : >"$i"; done`,
    shows: { script: "ls m | wc -l", says: /5000/u },
  },
  {
    name: "ignored files in folders that may not be entered",
    make: "echo 'shut/' >.gitignore; mkdir -p shut/in; echo x >shut/in/x; chmod 000 shut/in/x shut/in shut",
    shows: { script: "stat -c %a shut", says: /^0$/mu },
  },
  {
    name: "links that lead to themselves and out of .git",
    make: "ln -s loop loop; ln -s .. .git/up; ln -s / .git/root; mkdir e; ln -s ../.git e/.git",
    shows: { script: "cat loop", says: /Too many levels/u },
  },
];
