import type { Log } from "../../ports/log.ts";

/** How we are let in: as a GitHub App with short tokens, or by a token of a person. */
export type GitHubAuth =
  | {
      readonly type: "app";
      readonly appId: number;
      /** PEM, as GitHub made it. */
      readonly privateKey: string;
      /** Null: the one of the repository is looked up. */
      readonly installationId: number | null;
    }
  | { readonly type: "token"; readonly token: string };

/** One repository on GitHub or GitHub Enterprise Server. */
export interface GitHubForgeOptions {
  readonly repository: { readonly owner: string; readonly name: string };
  /** `https://api.github.com`, or `https://HOST/api/v3` of an own server. */
  readonly apiUrl: string;
  readonly auth: GitHubAuth;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}
