/** What an agent may not change in silence, as patterns. */
export interface ProtectedPaths {
  /** No change at all: what runs the checks, and what it is made of. */
  readonly closed: readonly string[];
  /** What is there may not be changed or removed, but more may be added: the tests. */
  readonly extensible: readonly string[];
}

/** What is protected where a project says nothing. */
export const PROTECTED_PATHS: ProtectedPaths = {
  closed: [
    ".sleepless.yml",
    ".github/**",
    ".gitlab-ci.yml",
    ".circleci/**",
    "Jenkinsfile",
    "**/Makefile",
    "**/*.sh",
    "**/package.json",
    "**/{jest,vitest,vite,mocha,ava,playwright,karma,babel}.config.*",
    "**/.mocharc*",
    "**/{conftest.py,pytest.ini,tox.ini,setup.cfg,pyproject.toml,noxfile.py}",
    "**/{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.cjs,.env}",
    "**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock}",
    "**/{poetry.lock,uv.lock,Pipfile.lock,requirements*.txt}",
    "**/{Cargo.lock,go.sum,Gemfile.lock,composer.lock}",
    "**/{node_modules,vendor}/**",
  ],
  extensible: [
    "**/{test,tests,__tests__,spec}/**",
    "**/*.{test,spec}.*",
    "**/*_test.*",
    "**/test_*.py",
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
  { closed, extensible }: ProtectedPaths,
): readonly ChangedPath[] {
  const [never, onlyNew] = [closed.map(expressionOf), extensible.map(expressionOf)];
  return changed.filter(({ status, path }) => {
    const against = status === "A" ? never : [...never, ...onlyNew];
    return against.some((expression) => expression.test(path));
  });
}

/**
 * A pattern as an expression, case aside: `*` is within one name, `**` over any number of folders,
 * `{a,b}` is either. A folder that a pattern names stands for all below it.
 */
function expressionOf(pattern: string): RegExp {
  let inBraces = false;
  const source = pattern.replaceAll(/\*\*\/|\/\*\*$|\*|[{},]|[.+^$()|[\]\\?]/gu, (found) => {
    if (found === "**/") return "(?:.*/)?";
    if (found === "/**") return "/.*";
    if (found === "*") return "[^/]*";
    if (found === "{") {
      inBraces = true;
      return "(?:";
    }
    if (found === "}") {
      inBraces = false;
      return ")";
    }
    if (found === ",") return inBraces ? "|" : ",";
    return `\\${found}`;
  });
  return new RegExp(`^${source}(?:/.*)?$`, "isu");
}
