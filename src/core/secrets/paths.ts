import type { SecretSeverity } from "./finding.ts";

/** Tests, samples and documents. */
const SOFT =
  /(?:^|\/)(?:tests?|__tests__|specs?|e2e|fixtures?|testdata|test-data|mocks?|__mocks__|__snapshots__|examples?|samples?|docs?|cassettes)\/|[._-](?:test|spec|mock|fixture|example|sample|snap|template|dist)s?(?:\.[\w]{1,12}){0,2}$|(?:^|\/)(?:test_[^/]{0,80}|conftest)\.py$|_test\.(?:go|dart|exs?|rb)$|Tests?\.(?:java|kt|cs|swift)$|\.(?:md|mdx|rst|adoc|txt)$/iu;
/** Programs, in which a value without quotes is a name. */
const CODE =
  /\.(?:[cm]?[jt]sx?|vue|svelte|astro|pyi?|ipynb|rb|erb|go|rs|java|kts?|scala|groovy|cs|fs|vb|c|h|cc|cpp|hpp|m|mm|swift|dart|php|pl|pm|lua|r|jl|ex|exs|erl|hs|ml|clj|sol|zig|nim|css|s[ac]ss|less|html?|sql|graphql|proto|json|jsonc|json5|lock)$/iu;

/** What a likely secret in a file means: tests and documents are full of keys that open nothing. */
export function softer(path: string | null): SecretSeverity {
  return path !== null && SOFT.test(path) ? "warn" : "block";
}

/** True for paths in which a value stands in quotes, so that one without them is a name. */
export function isCodePath(path: string | null): boolean {
  return path !== null && CODE.test(path);
}
