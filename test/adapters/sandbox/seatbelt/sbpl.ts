/** A form of a profile: a word, a string, or a list of forms. */
export type Form = { readonly word: string } | { readonly text: string } | readonly Form[];

/** Reads a profile as its language has it; throws for what is none. */
export function formsOf(source: string): readonly Form[] {
  let at = 0;
  const list = (isInner: boolean): readonly Form[] => {
    const forms: Form[] = [];
    for (;;) {
      while (/\s/u.test(source[at] ?? "")) at += 1;
      const next = source[at];
      if (next === undefined || next === ")") {
        if ((next === ")") !== isInner) throw new Error(`unbalanced at ${at}`);
        at += 1;
        return forms;
      }
      at += 1;
      if (next === "(") forms.push(list(true));
      else if (next === '"') forms.push({ text: text() });
      else {
        let word = next;
        while (/[^\s()"]/u.test(source[at] ?? " ")) word += source[at++];
        forms.push({ word });
      }
    }
  };
  const text = (): string => {
    let read = "";
    for (;;) {
      const next = source[at++];
      if (next === undefined) throw new Error("a string without an end");
      if (next === '"') return read;
      read += next === "\\" ? (source[at++] ?? "") : next;
    }
  };
  return list(false);
}

/** Whether the last rule that fits allows it: only for rules about files, by place. */
export function allows(profile: string, operation: string, path: string): boolean {
  let verdict = false;
  for (const form of formsOf(profile)) {
    if (!Array.isArray(form)) continue;
    const [head, ...rest] = form as readonly Form[];
    const words = rest.flatMap((each) => ("word" in each ? [each.word] : []));
    const filters = rest.filter((each): each is readonly Form[] => Array.isArray(each));
    const fits =
      words.some((word) => word === operation || matches(word, operation)) &&
      (filters.length === 0 || filters.some((filter) => isAt(filter, path)));
    if (fits && head !== undefined && "word" in head) verdict = head.word === "allow";
  }
  return verdict;
}

function matches(pattern: string, operation: string): boolean {
  return pattern.endsWith("*") && operation.startsWith(pattern.slice(0, -1));
}

function isAt(filter: readonly Form[], path: string): boolean {
  const [kind, place] = filter;
  if (kind === undefined || place === undefined || !("word" in kind) || !("text" in place))
    return false;
  if (kind.word === "literal") return path === place.text;
  return kind.word === "subpath" && (path === place.text || path.startsWith(`${place.text}/`));
}
