import { type Call, type Kept, type Memory, newCommit, type Reply, timeOf } from "./double.ts";

const PROJECT = "/projects/octo%2Fgroup%2Fhello";
const IDS: Readonly<Record<string, number>> = { me: 1, ada: 2, stranger: 3 };

/** Answers as GitLab's documentation of version 4 of its API has it. */
export function answerAsGitLab(memory: Memory): (call: Call) => Reply | null {
  return (call) => {
    if (call.path === "/user") return { status: 200, body: { id: 1, username: "me" } };
    if (!call.path.startsWith(PROJECT)) return null;
    const path = call.path.slice(PROJECT.length);
    const [, number, rest] = /^\/merge_requests\/(\d+)(.*)$/u.exec(path) ?? [];
    if (number === undefined) return aboutProject(memory, path, call);
    const kept = memory.pulls.find((each) => each.number === Number(number));
    return kept === undefined ? null : aboutOne(memory, kept, rest ?? "", call);
  };
}

function aboutProject(memory: Memory, path: string, call: Call): Reply | null {
  if (path === "") {
    const squash = { squash_option: "default_off", merge_method: "merge" };
    return { status: 200, body: { id: 7, default_branch: "main", ...squash } };
  }
  if (path === "/protected_branches") {
    const names = ["release/*", ...memory.protectedBranches];
    return { status: 200, body: names.map((name) => ({ id: 1, name })) };
  }
  const [, who] = /^\/members\/all\/(\d+)$/u.exec(path) ?? [];
  if (who === String(IDS["ada"])) return { status: 200, body: { access_level: 30 } };
  if (/^\/pipelines\/\d+\/jobs$/u.test(path)) return { status: 200, body: [{ name: "unit" }] };
  if (path !== "/merge_requests") return null;
  if (call.method === "GET") {
    const branch = call.query.get("source_branch");
    const found = memory.pulls.filter(({ head }) => head === branch);
    return { status: 200, body: found.toReversed().map((kept) => shown(memory, kept)) };
  }
  return open(memory, call);
}

function open(memory: Memory, { body }: Call): Reply {
  const head = body.source_branch;
  if (memory.pulls.some((kept) => kept.head === head && kept.state === "open")) {
    const message = ["Another open merge request already exists for this source branch: !1"];
    return { status: 409, body: { message } };
  }
  const number = memory.pulls.length + 1;
  const kept = {
    number,
    head,
    base: body.target_branch,
    title: body.title,
    body: body.description,
  };
  memory.pulls.push({ ...kept, state: "open" });
  return { status: 201, body: shown(memory, memory.pulls.at(-1) as Kept) };
}

function aboutOne(memory: Memory, kept: Kept, rest: string, { method, body }: Call): Reply | null {
  if (rest === "/merge") return merge(memory, kept, body);
  if (rest === "/notes" && method === "POST") {
    const id = memory.said.length + 1;
    memory.said.push({ id, pull: kept.number, author: "me", body: body.body });
    return { status: 201, body: noteOf(memory.said.at(-1) as Memory["said"][number]) };
  }
  if (rest === "/notes") {
    const said = memory.said.filter(({ pull }) => pull === kept.number).map(noteOf);
    const system = { ...noteOf({ id: 99, pull: 0, author: "ada", body: "added 1 commit" }) };
    return { status: 200, body: [...said, { ...system, system: true }] };
  }
  if (rest === "/pipelines") {
    const failed = memory.failed.map((sha, index) => ({
      id: index + 1,
      sha,
      status: "failed",
      web_url: "https://gitlab.example/p/1",
      updated_at: timeOf(50),
    }));
    return { status: 200, body: failed };
  }
  if (rest !== "") return null;
  if (method === "PUT") {
    if (body.state_event === "close") kept.state = "closed";
    kept.title = body.title ?? kept.title;
    kept.body = body.description ?? kept.body;
  }
  return { status: 200, body: shown(memory, kept) };
}

function merge(memory: Memory, kept: Kept, { sha }: { readonly sha: string }): Reply {
  if (kept.state !== "open") return { status: 405, body: { message: "405 Method Not Allowed" } };
  if (sha !== memory.branches.get(kept.head)) {
    const message = `SHA does not match HEAD of source branch: ${memory.branches.get(kept.head)}`;
    return { status: 409, body: { message } };
  }
  kept.state = "merged";
  return { status: 200, body: shown(memory, kept) };
}

function noteOf({ id, author, body }: Memory["said"][number]) {
  return {
    id,
    body,
    system: false,
    author: { id: IDS[author], username: author },
    created_at: timeOf(id),
    position: null,
  };
}

function shown(memory: Memory, kept: Kept) {
  return {
    iid: kept.number,
    web_url: `https://gitlab.example/octo/group/hello/-/merge_requests/${kept.number}`,
    state: kept.state === "open" ? "opened" : kept.state,
    title: kept.title,
    description: kept.body,
    sha: memory.branches.get(kept.head) ?? newCommit(),
    source_branch: kept.head,
    target_branch: kept.base,
    source_project_id: 7,
    target_project_id: 7,
    merge_commit_sha: kept.state === "merged" ? "e".repeat(40) : null,
    squash_commit_sha: null,
  };
}
