import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

/** A real smart-HTTP server over `git http-backend`. */
export interface GitServer {
  readonly url: string;
  /** Makes a bare repository with one commit on main; tells that commit. */
  readonly makeRepository: (name: string) => string;
  /** Path of a repository. */
  readonly pathOf: (name: string) => string;
  readonly close: () => Promise<void>;
}

/** Answers a push as GitHub does: `protected` in the configuration names branches, `ruled` patterns. */
const UPDATE_HOOK = `#!/bin/sh
for name in $(git config --get-all sle.protected); do
  if [ "$1" = "refs/heads/$name" ]; then
    echo "error: GH006: Protected branch update failed for $1." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
  fi
done
for name in $(git config --get-all sle.ruled); do
  if [ "$1" = "refs/heads/$name" ]; then
    echo "error: GH013: Repository rule violations found for $1." >&2
    echo "error: - Commits must have verified signatures." >&2
    exit 1
  fi
done
`;

/** Serves repositories below a folder; `mayEnter` judges the token of a request. */
export async function startGitServer(
  root: string,
  mayEnter: (token: string, repository: string) => Promise<boolean>,
): Promise<GitServer> {
  const server = createServer((request, response) => {
    void serve(root, mayEnter, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const pathOf = (name: string): string => join(root, `${name}.git`);
  return {
    url: `http://127.0.0.1:${port}`,
    pathOf,
    makeRepository(name) {
      const path = pathOf(name);
      mkdirSync(path, { recursive: true });
      const git = (...args: readonly string[]): string =>
        execFileSync("git", ["-C", path, ...args], { encoding: "utf8", env: GIT_ENV }).trim();
      git("init", "--bare", "--quiet", "--initial-branch=main");
      git("config", "http.receivepack", "true");
      const hook = join(path, "hooks", "update");
      mkdirSync(join(path, "hooks"), { recursive: true });
      writeFileSync(hook, UPDATE_HOOK);
      chmodSync(hook, 0o755);
      const tree = execFileSync("git", ["-C", path, "mktree"], { input: "", env: GIT_ENV });
      const commit = git("commit-tree", "-m", "begin", tree.toString().trim());
      git("update-ref", "refs/heads/main", commit);
      return commit;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** Nothing of this machine's own settings. */
export const GIT_ENV: NodeJS.ProcessEnv = {
  PATH: process.env["PATH"],
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  LC_ALL: "C",
  GIT_AUTHOR_NAME: "Somebody",
  GIT_AUTHOR_EMAIL: "somebody@example.org",
  GIT_COMMITTER_NAME: "Somebody",
  GIT_COMMITTER_EMAIL: "somebody@example.org",
};

async function serve(
  root: string,
  mayEnter: (token: string, repository: string) => Promise<boolean>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, search } = new URL(request.url ?? "", "http://git.invalid");
  const repository = /^\/[^/]+\/(?<name>[^/]+)\.git\//u.exec(pathname)?.groups?.["name"] ?? "";
  const basic = (request.headers.authorization ?? "").replace(/^Basic /u, "");
  const [user, token = ""] = Buffer.from(basic, "base64").toString().split(":");
  if (user !== "x-access-token" || !(await mayEnter(token, repository))) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("no entry");
    return;
  }
  const backend = spawn("git", ["http-backend"], {
    env: {
      ...GIT_ENV,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname.replace(/^\/[^/]+/u, ""),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: "sleepless",
    },
  });
  request.pipe(backend.stdin);
  backend.stdin.on("error", () => {});
  const parts: Buffer[] = [];
  for await (const part of backend.stdout) parts.push(part as Buffer);
  const whole = Buffer.concat(parts);
  const end = whole.indexOf("\r\n\r\n");
  const headers = whole.subarray(0, end).toString().split("\r\n");
  let status = 200;
  for (const line of headers) {
    const [name = "", value = ""] = line.split(/:\s*/u, 2);
    if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.writeHead(status).end(whole.subarray(end + 4));
}
