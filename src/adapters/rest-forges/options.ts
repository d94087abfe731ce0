import type { Log } from "../../ports/log.ts";

/** One repository on a forge that is asked over plain HTTP. */
export interface RestForgeOptions {
  /** On GitLab `owner` may be groups with `/` between them. */
  readonly repository: { readonly owner: string; readonly name: string };
  /** `https://gitlab.com/api/v4` or `https://codeberg.org/api/v1`. */
  readonly apiUrl: string;
  readonly token: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}
