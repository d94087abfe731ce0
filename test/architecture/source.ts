/** One import of a module, wherever it stands in a file. */
export interface Import {
  /** The specifier as written; null when it is computed and so cannot be judged. */
  readonly specifier: string | null;
  readonly line: number;
  /** True when only types are taken: nothing is left of it when the program runs. */
  readonly typeOnly: boolean;
}

const STATIC =
  /(?<![.\w$])(?<word>import|export)(?<type>\s+type(?=[\s{*]))?(?<names>\s*(?:\*\s*(?:as\s+[\w$]+\s*)?|[\w$]+\s*,\s*\*\s*as\s+[\w$]+\s*|[\w$]*\s*,?\s*(?:\{[^{}]*\}\s*)?)from)?\s*(?<quote>["'])/gu;
const CALLED =
  /(?<![.\w$])(?:import|require|getBuiltinModule)\s*\(\s*|\.getBuiltinModule\s*\(\s*/gu;

/** Every import, re-export and dynamic import of a TypeScript source. */
export function importsOf(source: string): readonly Import[] {
  const code = codeOf(source);
  const found: Import[] = [];
  for (const match of code.matchAll(STATIC)) {
    const { word = "", type, names } = match.groups ?? {};
    // `export` without `from` exports something of its own, whose value happens to be a string.
    if (word === "export" && names === undefined) continue;
    const typeOnly = type !== undefined || onlyTypes(names ?? "");
    found.push({ ...stringAt(source, match.index + match[0].length - 1), typeOnly });
  }
  for (const match of code.matchAll(CALLED)) {
    const at = match.index + match[0].length;
    const literal = /["']/u.test(source[at] ?? "");
    const line = lineOf(source, match.index);
    found.push({
      ...(literal ? stringAt(source, at) : { specifier: null, line }),
      typeOnly: false,
    });
  }
  return found;
}

function onlyTypes(names: string): boolean {
  const inner = /^\s*\{(?<inner>[^}]*)\}/u.exec(names)?.groups?.["inner"];
  if (inner === undefined) return false;
  const each = inner.split(",").filter((name) => name.trim() !== "");
  return each.length > 0 && each.every((name) => /^\s*type\s/u.test(name));
}

function stringAt(source: string, quoteAt: number): { specifier: string; line: number } {
  const end = source.indexOf(source[quoteAt] ?? "", quoteAt + 1);
  return { specifier: source.slice(quoteAt + 1, end), line: lineOf(source, quoteAt) };
}

/** The line of a position, counted from 1. */
export function lineOf(source: string, at: number): number {
  return source.slice(0, at).split("\n").length;
}

const PIECE =
  /(?<comment>\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<quoted>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<tick>`)|(?<brace>[{}])|(?<slash>\/)/gu;
const PATTERN = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/uy;
/** After these a slash begins a pattern; after anything else it divides. */
const BEFORE_PATTERN =
  /(?:^|[([{};,:=!&|?+\-*%<>~^]|(?<![.\w$])(?:return|typeof|case|in|of|void|delete|throw|new|else|do|await|yield))\s*$/u;

/**
 * The source with everything that is not code blanked: comments, the insides of strings, templates
 * and patterns. Every other character keeps its place.
 */
export function codeOf(source: string): string {
  const out = source.split("");
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) if (out[at] !== "\n") out[at] = " ";
  };
  // How deep in braces each template stands whose `${` is open.
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  const template = (from: number): number => {
    const end = templateEnd(source, from);
    blank(from, end);
    if (source[end] === "$") {
      templates.push(depth);
      depth += 1;
      return end + 2;
    }
    return end + 1;
  };
  while (at < source.length) {
    PIECE.lastIndex = at;
    const match = PIECE.exec(source);
    if (match === null) break;
    const { comment, quoted, tick, brace } = match.groups ?? {};
    const end = match.index + match[0].length;
    at = end;
    if (comment !== undefined) blank(match.index, end);
    else if (quoted !== undefined) blank(match.index + 1, end - 1);
    else if (tick !== undefined) at = template(end);
    else if (brace === "{") depth += 1;
    else if (brace === "}") {
      depth -= 1;
      if (templates.at(-1) === depth) {
        templates.pop();
        at = template(end);
      }
    } else {
      PATTERN.lastIndex = match.index;
      const before = out.slice(Math.max(0, match.index - 40), match.index).join("");
      if (BEFORE_PATTERN.test(before) && PATTERN.test(source)) {
        at = PATTERN.lastIndex;
        blank(match.index + 1, source.lastIndexOf("/", at - 1));
      }
    }
  }
  return out.join("");
}

/** Where the text of a template ends: at its closing tick or at the next `${`. */
function templateEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at += 1) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === "`" || source.startsWith("${", at)) return at;
  }
  return source.length;
}
