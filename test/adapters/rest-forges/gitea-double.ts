import { type Call, type Kept, type Memory, newCommit, type Reply, timeOf } from "./double.ts";

const REPOSITORY = "/repos/octo/hello";

/** Answers as the documentation of version 1 of the API of Gitea and Forgejo has it. */
export function answerAsGitea(memory: Memory): (call: Call) => Reply | null {
  return (call) => {
    if (call.path === "/user") return { status: 200, body: { id: 1, login: "me" } };
    if (!call.path.startsWith(REPOSITORY)) return null;
    const path = call.path.slice(REPOSITORY.length);
    const [, number, rest] = /^\/(?:pulls|issues)\/(\d+)(.*)$/u.exec(path) ?? [];
    if (number === undefined) return aboutRepository(memory, path, call);
    const kept = memory.pulls.find((each) => each.number === Number(number));
    return kept === undefined ? null : aboutOne(memory, kept, rest ?? "", call);
  };
}

function aboutRepository(memory: Memory, path: string, call: Call): Reply | null {
  if (path === "") {
    const ways = { allow_squash_merge: true, allow_merge_commits: true, allow_rebase: true };
    const owner = { login: "octo" };
    return { status: 200, body: { id: 7, default_branch: "main", owner, ...ways } };
  }
  const [, branch] = /^\/branches\/(.+)$/u.exec(path) ?? [];
  if (branch !== undefined) {
    if (!memory.branches.has(branch)) return null;
    const isProtected = memory.protectedBranches.includes(branch);
    return { status: 200, body: { name: branch, protected: isProtected } };
  }
  if (path === "/branch_protections") return { status: 403, body: { message: "no admin" } };
  if (path === "/collaborators/ada/permission") return { status: 403, body: { message: "no" } };
  if (path === "/collaborators/ada") return { status: 204 };
  const [, sha] = /^\/commits\/(\w+)\/statuses$/u.exec(path) ?? [];
  if (sha !== undefined) {
    const failed = memory.failed.filter((each) => each === sha);
    return { status: 200, body: failed.map((_, index) => statusOf(index + 1)) };
  }
  if (path !== "/pulls") return null;
  if (call.method === "GET") {
    const page = Number(call.query.get("page"));
    const newest = memory.pulls.toReversed().map((kept) => shown(memory, kept));
    // One at a time, to be paged through.
    return { status: 200, body: newest.slice(page - 1, page) };
  }
  return open(memory, call);
}

function statusOf(id: number) {
  return { id, status: "failure", context: "ci", description: null, created_at: timeOf(50) };
}

function open(memory: Memory, { body }: Call): Reply {
  const { head, base } = body;
  if (memory.pulls.some((kept) => kept.head === head && kept.state === "open")) {
    const message = `pull request already exists for these targets [head: ${head}]`;
    return { status: 409, body: { message } };
  }
  const number = memory.pulls.length + 1;
  memory.pulls.push({ number, head, base, title: body.title, body: body.body, state: "open" });
  return { status: 201, body: shown(memory, memory.pulls.at(-1) as Kept) };
}

function aboutOne(memory: Memory, kept: Kept, rest: string, { method, body }: Call): Reply | null {
  if (rest === "/merge") return merge(memory, kept, body);
  if (rest === "/comments" && method === "POST") {
    const id = memory.said.length + 1;
    memory.said.push({ id, pull: kept.number, author: "me", body: body.body });
    return { status: 201, body: commentOf(memory.said.at(-1) as Memory["said"][number]) };
  }
  if (rest === "/comments") {
    const said = memory.said.filter(({ pull }) => pull === kept.number);
    return { status: 200, body: said.map(commentOf) };
  }
  if (rest === "/reviews") return { status: 200, body: [] };
  if (rest !== "") return null;
  if (method === "PATCH") {
    kept.state = body.state ?? kept.state;
    kept.title = body.title ?? kept.title;
    kept.body = body.body ?? kept.body;
  }
  return { status: 200, body: shown(memory, kept) };
}

function merge(memory: Memory, kept: Kept, body: { readonly head_commit_id: string }): Reply {
  if (kept.state !== "open") return { status: 405, body: { message: "The PR is closed" } };
  if (body.head_commit_id !== memory.branches.get(kept.head)) {
    return { status: 409, body: { message: "head out of date" } };
  }
  kept.state = "merged";
  return { status: 200 };
}

function commentOf({ id, author, body }: Memory["said"][number]) {
  const url = `https://gitea.example/octo/hello/pulls/1#issuecomment-${id}`;
  return { id, body, user: { login: author }, html_url: url, created_at: timeOf(id) };
}

function shown(memory: Memory, kept: Kept) {
  return {
    number: kept.number,
    html_url: `https://gitea.example/octo/hello/pulls/${kept.number}`,
    state: kept.state === "open" ? "open" : "closed",
    title: kept.title,
    body: kept.body,
    merged: kept.state === "merged",
    merge_commit_sha: kept.state === "merged" ? "e".repeat(40) : null,
    head: { ref: kept.head, sha: memory.branches.get(kept.head) ?? newCommit(), repo_id: 7 },
    base: { ref: kept.base, repo_id: 7 },
  };
}
