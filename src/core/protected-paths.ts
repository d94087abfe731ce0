/** What an agent may not change in silence, as patterns. */
export interface ProtectedPaths {
  /** No change at all: what runs the checks, and what it is made of. */
  readonly closed: readonly string[];
  /** What is there may not be changed or removed, but more may be added: the tests. */
  readonly extensible: readonly string[];
  /** Of these, what may be changed all the same; absent for nothing. */
  readonly open?: readonly string[];
}

/** What a project adds to it. */
export type ProtectedPathsPatch = Partial<ProtectedPaths>;

/** What is protected with what a project adds; later ones add to earlier ones. */
export function withProtected(
  paths: ProtectedPaths,
  patches: readonly ProtectedPathsPatch[],
): ProtectedPaths {
  const open = [...(paths.open ?? []), ...patches.flatMap((patch) => patch.open ?? [])];
  return {
    closed: [...paths.closed, ...patches.flatMap((patch) => patch.closed ?? [])],
    extensible: [...paths.extensible, ...patches.flatMap((patch) => patch.extensible ?? [])],
    ...(open.length === 0 ? {} : { open }),
  };
}

/** What is protected where a project says nothing. */
export const PROTECTED_PATHS: ProtectedPaths = {
  closed: [
    ".sleepless.yml",
    ".github/**",
    ".gitlab-ci.yml",
    ".circleci/**",
    "Jenkinsfile",
    "**/{Makefile,GNUmakefile,BSDmakefile,*.mk,justfile,Rakefile,Taskfile.yml,Taskfile.yaml}",
    "**/*.sh",
    "**/package.json",
    "**/{jest,vitest,vite,mocha,ava,playwright,karma,babel}.config.*",
    "**/{vitest.workspace,eslint.config}.*",
    "**/{.mocharc*,.babelrc*,.swcrc,.eslintrc*}",
    "**/{conftest.py,pytest.ini,tox.ini,setup.cfg,pyproject.toml,noxfile.py}",
    "**/{sitecustomize,usercustomize}.py",
    "**/{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.cjs,.env}",
    "**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock,bun.lockb}",
    "**/{poetry.lock,uv.lock,Pipfile.lock,requirements*.txt}",
    "**/{Cargo.lock,go.sum,Gemfile.lock,composer.lock}",
    "**/{node_modules,vendor}/**",
  ],
  extensible: [
    "**/{test,tests,__tests__,__snapshots__,spec}/**",
    "**/*.{test,spec}.*",
    "**/*_test.*",
    "**/{test_*,tests}.py",
  ],
};

/** A changed file as a workspace tells it. */
export interface ChangedPath {
  readonly status: "A" | "M" | "D";
  readonly path: string;
}

/** Those of the changed files that are protected against this change, in their order. */
export function protectedAmong(
  changed: readonly ChangedPath[],
  { closed, extensible, open = [] }: ProtectedPaths,
): readonly ChangedPath[] {
  const never = closed.flatMap(globsOf);
  const onlyNew = extensible.flatMap(globsOf);
  const free = open.flatMap(globsOf);
  return changed.filter(({ status, path }) => {
    const names = folded(path).split("/");
    const against = status === "A" ? never : [...never, ...onlyNew];
    const isIn = (globs: readonly Glob[]): boolean =>
      globs.some((glob) => isMatch(glob, names, "**", isNameMatch));
    return isIn(against) && !isIn(free);
  });
}

/** A pattern without braces, as the names on the way; `**` stands for any number of them. */
type Glob = readonly string[];

/**
 * A pattern, case aside: `*` is within one name, `**` over any number of folders, `{a,b}` is either.
 * What a pattern names stands for all below it, and `x/**` for `x` too: a link may take its place.
 */
function globsOf(pattern: string): readonly Glob[] {
  return withoutBraces(folded(pattern)).map((each) => {
    const names = each.split("/").filter((name) => name !== "" && name !== ".");
    return names.concat("**");
  });
}

/** One pattern for each way to choose among the braces; one that has no partner stands for itself. */
function withoutBraces(pattern: string): readonly string[] {
  const { before, either, after } =
    /^(?<before>.*)\{(?<either>[^{}]*)\}(?<after>.*)$/su.exec(pattern)?.groups ?? {};
  if (either === undefined) return [pattern];
  return either.split(",").flatMap((each) => withoutBraces(`${before}${each}${after}`));
}

/** Both ways, because some letters have an upper case in ASCII and are not the lower case of it. */
function folded(path: string): string {
  return path.toUpperCase().toLowerCase();
}

function isNameMatch(glob: string, name: string): boolean {
  return isMatch(glob, name, "*", (part, character) => part === character);
}

/**
 * True when the parts match all items, where `star` is any number of them. Only the last star is
 * ever tried anew, so that a hostile path costs its length times that of the pattern and no more.
 */
function isMatch(
  parts: ArrayLike<string>,
  items: ArrayLike<string>,
  star: string,
  isSame: (part: string, item: string) => boolean,
): boolean {
  let [part, item] = [0, 0];
  let [afterStar, takenUpTo] = [-1, 0];
  while (item < items.length) {
    const wanted = parts[part];
    if (wanted === star) {
      part += 1;
      [afterStar, takenUpTo] = [part, item];
    } else if (wanted !== undefined && isSame(wanted, items[item] as string)) {
      part += 1;
      item += 1;
    } else if (afterStar !== -1) {
      takenUpTo += 1;
      [part, item] = [afterStar, takenUpTo];
    } else return false;
  }
  while (parts[part] === star) part += 1;
  return part === parts.length;
}
