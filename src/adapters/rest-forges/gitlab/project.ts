import type { Log } from "../../../ports/log.ts";
import type { RestClient } from "../http.ts";
import { USER } from "./shapes.ts";

/** One project, and what asks about it. */
export interface GitLab {
  readonly client: RestClient;
  /** Path of the project. */
  readonly project: string;
  readonly log: Log;
}

/** The name under which we write; null when it cannot be known. */
export async function ownName({ client }: GitLab, signal: AbortSignal): Promise<string | null> {
  const answer = await client.ask(USER, {
    method: "GET",
    path: "/user",
    what: "say who we are",
    signal,
  });
  return answer.type === "ok" ? answer.data.username : null;
}
