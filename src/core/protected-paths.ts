/** What an agent may not change in silence: what judges its work, and what decides what is run. */
export const PROTECTED_PATHS: readonly string[] = [
  // What says how results are judged.
  ".sleepless.yml",
  "**/test/**",
  "**/tests/**",
  "**/__tests__/**",
  "**/spec/**",
  "**/*.test.*",
  "**/*.spec.*",
  "**/*_test.*",
  "**/test_*.py",
  "**/conftest.py",
  // What runs them.
  ".github/**",
  ".gitlab-ci.yml",
  ".circleci/**",
  "Jenkinsfile",
  "**/Makefile",
  "**/*.sh",
  "**/package.json",
  "**/{jest,vitest,vite,mocha,ava,playwright,karma,babel}.config.*",
  "**/.mocharc*",
  "**/{pytest.ini,tox.ini,setup.cfg,pyproject.toml,noxfile.py}",
  "**/{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.cjs,.env}",
  // What they are made of.
  "**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock}",
  "**/{poetry.lock,uv.lock,Pipfile.lock,requirements*.txt}",
  "**/{Cargo.lock,go.sum,Gemfile.lock,composer.lock}",
  "**/node_modules/**",
  "**/vendor/**",
];

/** A changed file as a workspace tells it. */
export interface ChangedPath {
  readonly status: "A" | "M" | "D";
  readonly path: string;
}

/** Those of the changed files that a pattern names, in their order. */
export function protectedAmong(
  changed: readonly ChangedPath[],
  patterns: readonly string[],
): readonly ChangedPath[] {
  const expressions = patterns.map(expressionOf);
  return changed.filter(({ path }) => expressions.some((expression) => expression.test(path)));
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
