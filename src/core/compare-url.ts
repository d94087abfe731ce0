import type { RepoUrl } from "./repo-url.ts";

/** Page on which a person opens a pull request by hand; null for a repository on no host. */
export function compareUrl(
  kind: "github" | "gitlab" | "gitea",
  repo: Pick<RepoUrl, "transport" | "host" | "owner" | "name">,
  base: string,
  head: string,
): string | null {
  if (repo.transport === "file") return null;
  // The port of ssh is not that of the pages.
  const host = repo.transport === "ssh" ? repo.host.replace(/(?<=[^:]):\d+$/u, "") : repo.host;
  const scheme = repo.transport === "http" ? "http" : "https";
  const page = `${scheme}://${host}/${repo.owner}/${repo.name}`;
  switch (kind) {
    case "github":
      return `${page}/compare/${inPath(base)}...${inPath(head)}?expand=1`;
    case "gitlab": {
      const [from, into] = [encodeURIComponent(head), encodeURIComponent(base)];
      return `${page}/-/merge_requests/new?merge_request%5Bsource_branch%5D=${from}&merge_request%5Btarget_branch%5D=${into}`;
    }
    case "gitea":
      return `${page}/compare/${inPath(base)}...${inPath(head)}`;
  }
}

function inPath(branch: string): string {
  return branch.split("/").map(encodeURIComponent).join("/");
}
