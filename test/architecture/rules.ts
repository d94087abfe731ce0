import { posix } from "node:path";
import { codeOf, importsOf, lineOf, type Import } from "./source.ts";

/** A file under `src/`, with its path from the root of the project. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

interface LayerRule {
  /** Layers whose files may be imported, besides the own one. */
  readonly layers: readonly string[];
  /** Whether a folder of the layer stands for itself and may not import its neighbours. */
  readonly apart: boolean;
  readonly packages: boolean;
  /** `node:` modules: none, types only, all but those that bring time and process in, or all. */
  readonly node: "none" | "types" | "timeless" | "all";
  /** Whether clock, randomness, environment and process may be touched. */
  readonly outside: boolean;
}

const EVERYTHING = [
  "core",
  "ports",
  "engine",
  "adapters",
  "surfaces",
  "config",
  "plugins",
  "testing",
];

/** The one table of who may know whom. `entry` are the files directly under `src/`. */
export const LAYERS: Readonly<Record<string, LayerRule>> = {
  core: { layers: [], apart: false, packages: false, node: "none", outside: false },
  ports: { layers: ["core"], apart: false, packages: false, node: "types", outside: false },
  engine: {
    layers: ["core", "ports"],
    apart: false,
    packages: false,
    node: "none",
    outside: false,
  },
  adapters: { layers: ["core", "ports"], apart: true, packages: true, node: "all", outside: true },
  surfaces: {
    layers: ["core", "ports", "engine"],
    apart: true,
    packages: true,
    node: "timeless",
    outside: false,
  },
  config: { layers: ["core"], apart: false, packages: true, node: "none", outside: false },
  plugins: {
    layers: ["core", "ports"],
    apart: false,
    packages: false,
    node: "none",
    outside: false,
  },
  testing: {
    layers: ["core", "ports"],
    apart: false,
    packages: false,
    node: "none",
    outside: true,
  },
  app: { layers: EVERYTHING, apart: false, packages: false, node: "all", outside: true },
  entry: {
    layers: [...EVERYTHING, "app"],
    apart: false,
    packages: false,
    node: "all",
    outside: true,
  },
};

/** The one adapter that other adapters may use: it starts, watches and ends every process. */
const SHARED_FOLDER = "adapters/process";

const LINES_MAX = 300;

/** `node:` modules through which time and process would come in by the back door. */
const TIMED_MODULES = /^node:(?:process|timers|timers\/promises|perf_hooks)$/u;

const OUTSIDE: readonly (readonly [string, RegExp])[] = [
  ["Date.now", /(?<![.\w$])Date\s*\.\s*now\b/gu],
  ["new Date() of now", /(?<![.\w$])new\s+Date\s*(?:\(\s*\)|(?![\s(\w$]))/gu],
  ["Date() of now", /(?<![.\w$]|new\s)Date\s*\(\s*\)/gu],
  ["Math.random", /(?<![.\w$])Math\s*\.\s*random\b/gu],
  ["crypto", /(?<![.\w$])crypto\s*\./gu],
  ["process", /(?<![.\w$])process\s*(?:\.|\?\.|\[)/gu],
  ["performance", /(?<![.\w$])performance\s*\./gu],
  ["a timer", /(?<![.\w$])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/gu],
  ["AbortSignal.timeout", /(?<![.\w$])AbortSignal\s*\.\s*timeout\b/gu],
  ["globalThis", /(?<![.\w$])globalThis\b/gu],
  ["console", /(?<![.\w$])console\s*\./gu],
];

/** Everything in which the files break the rules, one line each; a whole project, or some files of one. */
export function violationsOf(files: readonly SourceFile[]): readonly string[] {
  const owners = new Map<string, string>();
  return files.flatMap((file) => [
    ...importsOf(file.text).flatMap((found) => importProblem(file.path, found, owners) ?? []),
    ...outsideProblems(file),
    ...exportProblems(file),
    ...sizeProblem(file),
  ]);
}

function importProblem(path: string, found: Import, owners: Map<string, string>): string | null {
  const { specifier } = found;
  const where = `${path}:${found.line}`;
  if (specifier === null) return `${where} imports something that is computed`;
  if (specifier.startsWith(".")) return relativeProblem(path, where, specifier);
  const unit = unitOf(path);
  const rule = ruleOf(path);
  if (specifier.startsWith("node:")) {
    const fits =
      rule.node === "all" ||
      (rule.node === "timeless" && !TIMED_MODULES.test(specifier)) ||
      (rule.node === "types" && found.typeOnly);
    return fits ? null : `${where} ${unit} may not import ${specifier}`;
  }
  const name = packageOf(specifier);
  if (!rule.packages) return `${where} ${unit} may not import the package ${name}`;
  const owner = owners.get(name) ?? unit;
  owners.set(name, owner);
  return owner === unit ? null : `${where} ${unit} imports ${name}, which belongs to ${owner}`;
}

function relativeProblem(path: string, where: string, specifier: string): string | null {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (!target.startsWith("src/")) return `${where} imports ${specifier} from outside src`;
  if (!target.endsWith(".ts")) return `${where} imports ${specifier}, which is no source of ours`;
  const [unit, other] = [unitOf(path), unitOf(target)];
  if (unit === other) return null;
  const [layer, otherLayer] = [layerOf(path), layerOf(target)];
  const rule = ruleOf(path);
  const knows = layer === otherLayer ? !rule.apart : rule.layers.includes(otherLayer);
  const shared = layer === "adapters" && other === SHARED_FOLDER;
  return knows || shared ? null : `${where} ${unit} may not import ${other}`;
}

function outsideProblems({ path, text }: SourceFile): readonly string[] {
  if (ruleOf(path).outside) return [];
  const code = codeOf(text);
  return OUTSIDE.flatMap(([name, pattern]) =>
    [...code.matchAll(pattern)].map(
      ({ index }) => `${path}:${lineOf(text, index)} ${unitOf(path)} may not touch ${name}`,
    ),
  );
}

const DEFAULT_IN_LIST = /^export\s*\{[^}]*\bdefault\s*[,}]/u;
const EXPORT = /(?<![.\w$])export\s+(?<what>default\b|[^;=({]*)/gu;

function exportProblems({ path, text }: SourceFile): readonly string[] {
  const code = codeOf(text);
  return [...code.matchAll(EXPORT)].flatMap(({ index, groups }) => {
    const what = (groups?.["what"] ?? "").trim();
    const where = `${path}:${lineOf(text, index)}`;
    if (what === "default" || DEFAULT_IN_LIST.test(code.slice(index))) {
      return [`${where} has a default export`];
    }
    // A list or a re-export names what has its sentence elsewhere.
    if (what === "" || what === "type" || what.startsWith("*") || what.startsWith("type *"))
      return [];
    if (isDocumented(text.slice(0, index)) || isNameOfList(text, index)) return [];
    return [`${where} exports ${what.split(/[:<\n]/u, 1)[0]?.trim()} without a sentence about it`];
  });
}

function isDocumented(before: string): boolean {
  const comment = /\/\*\*(?<words>(?:(?!\*\/)[\s\S])*)\*\/\s*$/u.exec(before);
  return /\p{L}{2}/u.test(comment?.groups?.["words"] ?? "");
}

/** The type made of the values of a documented list needs no sentence of its own. */
function isNameOfList(text: string, at: number): boolean {
  const list =
    /^export type \w+ = \(typeof (?<list>\w+)\)\[(?:number|keyof typeof \k<list>)\];/u.exec(
      text.slice(at),
    );
  const name = list?.groups?.["list"];
  return name !== undefined && text.slice(0, at).includes(`export const ${name} = `);
}

function sizeProblem({ path, text }: SourceFile): readonly string[] {
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  return lines > LINES_MAX ? [`${path} has ${lines} lines, at most ${LINES_MAX} are allowed`] : [];
}

function ruleOf(path: string): LayerRule {
  const rule = LAYERS[layerOf(path)];
  if (rule === undefined) throw new Error(`${path} is in no known layer`);
  return rule;
}

function layerOf(path: string): string {
  const [, first = "", second] = path.split("/");
  return second === undefined ? "entry" : first;
}

/** The folder that stands for itself: an adapter, a surface, else the layer. */
function unitOf(path: string): string {
  const layer = layerOf(path);
  const [, , folder = ""] = path.split("/");
  return LAYERS[layer]?.apart === true ? `${layer}/${folder}` : layer;
}

function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
