import type { RestClient } from "../http.ts";
import { type Repository, REPOSITORY, USER } from "./shapes.ts";

/** One repository, and what asks about it. */
export interface Gitea {
  readonly client: RestClient;
  /** Path of the repository. */
  readonly at: string;
}

/** The repository as it is. */
export function readRepository({ client, at }: Gitea, signal: AbortSignal): Promise<Repository> {
  return client.must(REPOSITORY, { method: "GET", path: at, what: "show the repository", signal });
}

/** The name under which we write; null when it cannot be known. */
export async function ownName({ client }: Gitea, signal: AbortSignal): Promise<string | null> {
  const answer = await client.ask(USER, {
    method: "GET",
    path: "/user",
    what: "say who we are",
    signal,
  });
  return answer.type === "ok" ? answer.data.login : null;
}
