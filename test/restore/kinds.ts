import type { Chance } from "../../src/ports/chance.ts";

/** What is done to a workspace, as a script of the shell; git obeys the workspace's own settings there. */
export interface Kind {
  readonly name: string;
  readonly script: (draw: Draw) => string;
}

/** Numbers for one state. */
export interface Draw {
  /** A whole number from 0 up to, but not with, `end`. */
  readonly below: (end: number) => number;
  readonly oneOf: <T>(...all: readonly [T, ...T[]]) => T;
}

/** Numbers from a seeded source. */
export function drawFrom(chance: Chance): Draw {
  const below = (end: number): number => Math.floor(chance.fraction() * end);
  return { below, oneOf: (...all) => all[below(all.length)] ?? all[0] };
}

const kind = (name: string, script: string | Kind["script"]): Kind => ({
  name,
  script: typeof script === "string" ? () => script : script,
});

const COMMIT = "git commit -q --no-verify";

/** Everything that agents, or people, leave behind. */
export const KINDS: readonly Kind[] = [
  kind(
    "staged",
    (d) => `echo s${d.below(99)} >staged.txt; echo t >lib/t.txt; git add staged.txt lib`,
  ),
  kind("unstaged", (d) => `echo u${d.below(99)} >>a.txt; echo v >lib/b.txt`),
  kind("staged and changed again", "echo 1 >two.txt; git add two.txt; echo 2 >two.txt"),
  kind("untracked", (d) => `mkdir -p new/er; seq ${d.below(3000)} >new/er/n.txt; echo m >m.md`),
  kind("ignored", (d) => {
    const bytes = d.oneOf(0, 1, 511, 512, 513, 10_240, 70_000);
    return `printf '*.log\\nout/\\n' >>.gitignore; mkdir -p out/deep; echo l >x.log
      head -c ${bytes} /dev/zero | tr '\\0' 'z' >out/deep/o.bin; echo k >out/.env`;
  }),
  kind(
    "made anew",
    "echo node_modules/ >>.gitignore; mkdir -p node_modules/p; echo x >node_modules/p/i",
  ),
  kind("stash", "echo st >>a.txt; echo su >stashed.new; git stash push -q -u -m one"),
  kind(
    "stashes",
    "echo 1 >>a.txt; git stash -q; echo 2 >>a.txt; git add a.txt; git stash -q; echo 3 >>a.txt",
  ),
  kind("detached", `git checkout -q --detach; echo d >>a.txt; ${COMMIT} -am detached`),
  kind(
    "commits",
    (d) => `for i in 1 2 ${d.below(9)}; do echo $i >>c.txt; git add c.txt; ${COMMIT} -m c$i; done`,
  ),
  kind("lost commits", `echo r >>a.txt; ${COMMIT} -am gone; git reset -q --hard HEAD~1`),
  kind("amended", `echo am >am.txt; git add am.txt; ${COMMIT} -m am; ${COMMIT} --amend -m changed`),
  kind(
    "branches",
    "git branch side; git branch feature/x; git tag v1; git tag -a v2 -m two; git branch -m side other",
  ),
  kind(
    "merge in progress",
    `git checkout -q -b left; echo L >a.txt; ${COMMIT} -am L; git checkout -q -b right HEAD~1
     echo R >a.txt; ${COMMIT} -am R; git merge left`,
  ),
  kind(
    "rebase in progress",
    `git checkout -q -b rl; echo L >a.txt; ${COMMIT} -am L; git checkout -q -b rr HEAD~1
     echo R >a.txt; ${COMMIT} -am R; git rebase rl`,
  ),
  kind(
    "cherry-pick in progress",
    `git checkout -q -b pl; echo P >a.txt; ${COMMIT} -am P; git checkout -q -b pr HEAD~1
     echo Q >a.txt; ${COMMIT} -am Q; git cherry-pick pl`,
  ),
  kind("bisect in progress", "git bisect start; git bisect bad"),
  kind("intent to add", "echo i >intent.txt; git add -N intent.txt"),
  kind("skip-worktree", "git update-index --skip-worktree a.txt; echo unseen >a.txt"),
  kind("assume-unchanged", "git update-index --assume-unchanged a.txt; echo unseen >a.txt"),
  kind("removed", "git rm -q --cached a.txt; rm -f lib/b.txt"),
  kind("renamed", "git mv a.txt z.txt; git mv lib bil"),
  kind(
    "submodule",
    `git -c protocol.file.allow=always submodule add -q "$PROJECT" sub; cd sub && {
     echo x >>a.txt; git stash -q; echo y >>a.txt; echo n >new; cd ..; }`,
  ),
  kind(
    "nested repository",
    `git init -q nest; cd nest && { echo n >n.txt; git add n.txt; ${COMMIT} -m n; echo m >>n.txt
     git stash -q; echo o >o.txt; cd ..; }`,
  ),
  kind(
    "nested, unborn, ignored",
    "echo hidden/ >>.gitignore; git init -q hidden; echo h >hidden/h",
  ),
  kind(
    "nested in nested",
    "git init -q n1; git init -q n1/n2; echo 2 >n1/n2/f; git -C n1/n2 add f",
  ),
  kind(
    "worktree",
    `git worktree add -q -b wt-branch wt; echo w >wt/w.txt; ${COMMIT} --allow-empty -m w`,
  ),
  kind(
    "hooks",
    "printf '#!/bin/sh\\nexit 0\\n' >.git/hook; mkdir -p .git/hooks; mv .git/hook .git/hooks/pre-push; chmod 755 .git/hooks/pre-push",
  ),
  kind(
    "settings",
    "git config alias.x '!true'; git config core.hooksPath .githooks; git config a.b c",
  ),
  kind("packed refs", "git tag p1; git branch p2; git pack-refs --all --prune"),
  kind("packed objects", `echo g >g.txt; git add g.txt; ${COMMIT} -m g; git repack -q -d`),
  kind(
    "notes and replaced",
    "git notes add -m note; git replace HEAD $(git commit-tree -m r HEAD^{tree})",
  ),
  kind("orphan", "git checkout -q --orphan fresh; git rm -q -r --cached ."),
  kind("sparse checkout", "git sparse-checkout set lib"),
  kind("a folder more", "git sparse-checkout add docs"),
  kind("every folder", "git sparse-checkout disable"),
  kind("files of other folders", "mkdir -p docs; echo mine >docs/c.txt; echo n >docs/n.txt"),
  kind("split index", "git update-index --split-index; echo x >x.txt; git add x.txt"),
  kind("untracked cache", "git update-index --force-untracked-cache; git status >/dev/null"),
  kind("a stale lock", "touch .git/index.lock .git/refs/heads/x.lock"),
  kind("no .git", "rm -rf .git"),
  kind("broken .git", "rm -f .git/HEAD; echo broken >.git/config"),
  kind(".git a file", "mv .git realgit; echo 'gitdir: realgit' >.git"),
  kind(".git a link", "mv .git realgit; ln -s realgit .git"),
  kind(
    "other cases of .git",
    "mkdir -p .GIT sub1/.Git 'git~1'; echo c >.GIT/config; echo d >'git~1/x'",
  ),
  kind(
    "odd names",
    "echo 1 >-rf; echo 2 >' lead'; echo 3 >'tab\there'; echo 4 >':(top)'; echo 5 >größe🌙",
  ),
  kind(
    "newline names",
    'n=$(printf \'new\\nline\'); echo 1 >"$n"; mkdir "d$n"; echo 2 >"d$n/$n.log"',
  ),
  kind(
    "names that are no text",
    'n=$(printf \'l-\\351\\377\'); echo 1 >"$n"; mkdir "d$n"; echo 2 >"d$n/$n.log"; echo \'*.log\' >.gitignore',
  ),
  kind(
    "long names",
    (d) =>
      `n=$(printf '%0${d.oneOf(99, 100, 101, 155, 250)}d' 7); echo 1 >$n; mkdir d$n; echo 2 >d$n/x.log`,
  ),
  kind(
    "deep paths",
    (d) =>
      `p=${"deep-folder/".repeat(20 + d.below(60))}; mkdir -p $p; echo d >$p/f; echo e >$p/e.log`,
  ),
  kind(
    "rights",
    "echo p >p.sh; chmod 755 p.sh; echo q >q; chmod 600 q; echo r >r; chmod 444 r; chmod 755 a.txt",
  ),
  kind(
    "odd rights",
    "echo w >w; chmod 777 w; mkdir wd; chmod 1777 wd; echo s >wd/s; chmod 640 wd/s; chmod 700 lib",
  ),
  kind("read-only folders", "mkdir -p ro/in; echo f >ro/f; echo g >ro/in/g; chmod 555 ro/in ro"),
  kind("the top's rights", (d) => `chmod ${d.oneOf("700", "750", "775")} .`),
  kind(
    "links",
    "ln -s a.txt in; ln -s /etc/passwd out; ln -s nowhere gone; ln -s lib dir; ln -s .. up",
  ),
  kind(
    "links in place of files",
    "rm -f a.txt; ln -s lib/b.txt a.txt; mv lib lib2; ln -s lib2 lib",
  ),
  kind(
    "ignored links",
    "echo 'ig*' >>.gitignore; ln -s /etc ig1; ln -s ig1/passwd ig2; ln -s . ig3",
  ),
  kind("hard links", "ln a.txt hard; mkdir -p hd; ln a.txt hd/hard.log; echo '*.log' >>.gitignore"),
  kind("empty folders", "mkdir -p e1/e2/e3 e4; chmod 700 e4"),
  kind("empty files", ": >zero; : >zero.log; echo '*.log' >>.gitignore; : >a.txt"),
  kind("a pipe", "mkfifo pipe; mkdir -p pd; mkfifo pd/pipe"),
  kind(
    "a file becomes a folder",
    "rm -f a.txt; mkdir a.txt; echo x >a.txt/x; rm -rf lib; echo l >lib",
  ),
  kind(
    "line ends",
    "echo '*.txt text eol=crlf' >.gitattributes; printf 'a\\r\\nb\\r\\n' >crlf.txt; printf 'a\\r\\nb\\n' >mix.txt; printf 'lf\\n' >lf.txt",
  ),
  kind(
    "automatic text",
    "echo '* text=auto' >.gitattributes; printf 'a\\r\\nb\\r\\n' >w.txt; printf 'b\\0\\r\\n' >bin",
  ),
  kind(
    "encodings",
    "echo '*.u16 working-tree-encoding=UTF-16LE' >.gitattributes; printf 'a\\0b\\0' >x.u16; printf 'odd' >y.u16",
  ),
  kind("idents", "echo '*.id ident' >.gitattributes; echo '$Id: 1234 $' >a.id; echo '$Id$' >b.id"),
  kind(
    "filters without a driver",
    "echo '* filter=lfs diff=lfs merge=lfs' >.gitattributes; echo x >f.bin",
  ),
  kind(
    "exclude in .git",
    "mkdir -p .git/info; echo 'secret*' >>.git/info/exclude; echo s >secret.txt",
  ),
  kind(
    "many files",
    (d) => `mkdir many; for i in $(seq ${50 + d.below(100)}); do echo $i >many/$i; done`,
  ),
  kind("a large file", (d) => `head -c ${1_000_000 + d.below(3_000_000)} /dev/zero >large.bin`),
  kind("times of long ago", "echo o >old; touch -d '1999-01-01' old a.txt"),
];
