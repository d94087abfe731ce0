/** The methods of one part of a store as they are here: done at once. */
export type Sync<Part> = {
  readonly [Name in keyof Part]: Part[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result
    : never;
};

/** The part as its port has it: every method a promise, run by `run`. */
export function asPart<Part>(
  methods: Sync<Part>,
  run: (method: () => unknown) => Promise<unknown>,
): Part {
  const entries = Object.entries<(...args: readonly unknown[]) => unknown>(methods);
  const wrapped = entries.map(([name, method]) => [
    name,
    (...args: readonly unknown[]) => run(() => method(...args)),
  ]);
  return Object.fromEntries(wrapped) as Part;
}
