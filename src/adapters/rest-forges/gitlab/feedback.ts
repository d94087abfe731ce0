import { readCursor, writeCursor } from "../../../core/forge-cursor.ts";
import type { Remark } from "../../../core/remark.ts";
import type { Feedback } from "../../../ports/forge.ts";
import { authorOf, makeNewsReader, withMembers } from "../remarks.ts";
import { stateOf } from "./merge-requests.ts";
import { type GitLab, ownName } from "./project.ts";
import {
  JOBS,
  MEMBER,
  MERGE_REQUEST,
  type Note,
  NOTES,
  type Pipeline,
  PIPELINES,
} from "./shapes.ts";

const PAGE_LENGTH = 100;
/** From this level on somebody may push. */
const DEVELOPER = 30;
/** Users that stand for tokens. */
const BOT = /^(?:project|group)_\d+_bot/u;
const ENDED = new Set(["success", "failed", "canceled", "skipped"]);

/** What was said about a merge request since the cursor. */
export async function readFeedback(
  gitLab: GitLab,
  number: number,
  cursor: string | null,
  signal: AbortSignal,
): Promise<Feedback> {
  const { client, project } = gitLab;
  const at = `${project}/merge_requests/${number}`;
  const before = readCursor(cursor);
  const what = `show the merge request ${number}`;
  const found = await client.must(MERGE_REQUEST, { method: "GET", path: at, what, signal });
  const reader = makeNewsReader(client, before.lists);
  const notes = await reader.read({
    name: "notes",
    what: "list comments",
    pageLength: PAGE_LENGTH,
    ask: (page, etag) =>
      client.ask(NOTES, {
        method: "GET",
        path: `${at}/notes`,
        query: { sort: "asc", order_by: "created_at", page: String(page), per_page: "100" },
        etag,
        what: "list comments",
        signal,
      }),
    idOf: ({ id }) => String(id),
  });
  const pipelines = await reader.read({
    name: "pipelines",
    what: "list pipelines",
    pageLength: PAGE_LENGTH,
    ask: (page, etag) =>
      client.ask(PIPELINES, {
        method: "GET",
        path: `${at}/pipelines`,
        query: { page: String(page), per_page: "100" },
        etag,
        what: "list pipelines",
        signal,
      }),
    idOf: ({ id, status, updated_at: updated }) => `${id} ${status} ${updated ?? ""}`,
  });
  const own = notes.length === 0 ? null : await ownName(gitLab, signal);
  const said = notes.filter(({ system }) => !system).map((note) => remarkOfNote(note, own));
  const checks: Remark[] = [];
  for (const pipeline of pipelines.filter(({ status }) => ENDED.has(status))) {
    checks.push(remarkOfPipeline(pipeline, await failedJobs(gitLab, pipeline, signal)));
  }
  const ids = new Map(notes.map(({ author }) => [author.username, author.id]));
  const remarks = await withMembers([...said, ...checks], async (author) =>
    BOT.test(author) ? false : isMember(gitLab, ids.get(author) ?? 0, signal),
  );
  const state = stateOf(found.state);
  const pull = { etag: null, state, head: found.sha };
  return { remarks, state, cursor: writeCursor({ pull, lists: reader.places }) };
}

function remarkOfNote(note: Note, own: string | null): Remark {
  const { position } = note;
  const line = position?.new_line ?? null;
  const path = position?.new_path ?? null;
  return {
    id: `note/${note.id}`,
    kind: position === null ? "comment" : "review",
    ...authorOf(note.author.username, note.body, own),
    isFromMember: false,
    isFailure: false,
    text: note.body,
    place: path === null || line === null ? path : `${path}:${line}`,
    url: null,
    at: Date.parse(note.created_at) || 0,
  };
}

function remarkOfPipeline(pipeline: Pipeline, failed: readonly string[]): Remark {
  const jobs = failed.length === 0 ? "" : `\n\nFailed jobs: ${failed.join(", ")}`;
  return {
    // A pipeline that is run again keeps its number.
    id: `pipeline/${pipeline.id}/${pipeline.updated_at ?? ""}`,
    kind: "check",
    author: "GitLab CI",
    isOurs: false,
    isFromMember: false,
    isFailure: pipeline.status === "failed",
    text: `pipeline: ${pipeline.status}${jobs}`,
    place: null,
    url: pipeline.web_url,
    at: Date.parse(pipeline.updated_at ?? "") || 0,
  };
}

async function failedJobs(
  { client, project }: GitLab,
  { id, status }: Pipeline,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (status !== "failed") return [];
  const answer = await client.ask(JOBS, {
    method: "GET",
    path: `${project}/pipelines/${id}/jobs`,
    query: { "scope[]": "failed", per_page: "100" },
    what: "list the jobs of a pipeline",
    signal,
  });
  return answer.type === "ok" ? answer.data.map(({ name }) => name) : [];
}

async function isMember(
  { client, project }: GitLab,
  id: number,
  signal: AbortSignal,
): Promise<boolean> {
  const answer = await client.ask(MEMBER, {
    method: "GET",
    path: `${project}/members/all/${id}`,
    what: "say what somebody may do",
    signal,
  });
  return answer.type === "ok" && answer.data.access_level >= DEVELOPER;
}
