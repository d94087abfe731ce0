/** What reading a person's words came to: the value, or one sentence that says what is wrong and what to write. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };
