import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

/** Where a repository is, without any secret. */
export interface RepoUrl {
  readonly transport: "https" | "http" | "ssh" | "file";
  /** In lower case, with its port; empty for a repository on this machine. */
  readonly host: string;
  /** What stands before the name: an owner, or groups with `/` between them; may be empty. */
  readonly owner: string;
  /** Without `.git`. */
  readonly name: string;
  /** To be given to git. */
  readonly url: string;
}

const LENGTH_MAX = 1000;
const SHOWN_MAX = 100;
const HOST = /^(?:[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/u;
const USER = /^[a-z_][a-z0-9_.-]{0,60}$/iu;
const SEGMENT = /^[\p{L}\p{N}_.~+][\p{L}\p{N}_.~+-]{0,200}$/u;
const EXAMPLES = "https://github.com/owner/name or git@github.com:owner/name.git";

/** Reads the address of a repository; what git would take for an option, a command or a secret is refused. */
export function parseRepoUrl(text: string): Parsed<RepoUrl> {
  const written = text.trim();
  if (/\p{Cc}/u.test(written)) return refused(written, "has a newline or control character in it");
  if (written.length > LENGTH_MAX) return refused(written, "is too long");
  if (written.startsWith("-")) return refused(written, "begins with a hyphen");
  if (/^[\w+.-]*::/u.test(written)) return refused(written, "would have git run a program");
  if (/[?#]/u.test(written)) return refused(written, "has a ? or # in it");
  if (written.startsWith("/")) return onDisk(written, written);
  const { scheme, rest } = /^(?<scheme>[a-z+]+):\/\/(?<rest>.*)$/iu.exec(written)?.groups ?? {};
  if (scheme === undefined || rest === undefined) return likeScp(written);
  switch (scheme.toLowerCase()) {
    case "https":
      return overHttp("https", written, rest);
    case "http":
      return overHttp("http", written, rest);
    case "ssh":
      return overSsh(written, rest);
    case "file":
      return onDisk(written, rest);
    default:
      return refused(written, `uses ${printableLine(scheme, 20)}, which is not supported`);
  }
}

function overHttp(transport: "https" | "http", written: string, rest: string): Parsed<RepoUrl> {
  const { authority, path } = splitAtSlash(rest);
  if (authority.includes("@")) {
    return refused(
      written,
      "has a name or password in it, which would be stored and shown; give the token by the environment instead (docs/forges.md)",
    );
  }
  return remote({ transport, written, host: authority, path, before: `${transport}://` });
}

function overSsh(written: string, rest: string): Parsed<RepoUrl> {
  const { authority, path } = splitAtSlash(rest);
  const { user, host } = splitUser(authority);
  if (user !== null && !USER.test(user)) return badUser(written, user);
  const before = `ssh://${user === null ? "" : `${user}@`}`;
  return remote({ transport: "ssh", written, host, path, before });
}

/** `git@host:owner/name.git`, which is ssh without a scheme. */
function likeScp(written: string): Parsed<RepoUrl> {
  const { authority, path } =
    /^(?<authority>[^/]*?):(?!.*@)(?<path>.*)$/u.exec(written)?.groups ?? {};
  if (authority === undefined || path === undefined) {
    return refused(written, "is not the address of a repository");
  }
  const { user, host } = splitUser(authority);
  if (user !== null && !USER.test(user)) return badUser(written, user);
  // It stays as it is: its path begins at the user's home, and one after ssh:// at the root.
  const before = user === null ? "" : `${user}@`;
  return remote({ transport: "ssh", written, host, path, before, between: ":" });
}

function onDisk(written: string, path: string): Parsed<RepoUrl> {
  if (!path.startsWith("/")) return refused(written, "names no absolute path");
  const names = path.split("/").filter((name) => name !== "");
  const name = nameOf(names.at(-1) ?? "");
  if (name === "" || names.includes("..")) return refused(written, "names no repository");
  return {
    ok: true,
    value: { transport: "file", host: "", owner: names.slice(0, -1).join("/"), name, url: written },
  };
}

interface RemoteParts {
  readonly transport: "https" | "http" | "ssh";
  readonly written: string;
  readonly host: string;
  readonly path: string;
  /** Scheme and user. */
  readonly before: string;
  /** What stands between host and path. */
  readonly between?: ":" | "/";
}

function remote({
  transport,
  written,
  host,
  path,
  before,
  between = "/",
}: RemoteParts): Parsed<RepoUrl> {
  const lower = host.toLowerCase();
  if (!HOST.test(lower)) return refused(written, "has no good host name");
  const start = between === ":" && path.startsWith("/") ? "/" : "";
  const names = path.replace(/^\/|\/+$/gu, "").split("/");
  const isGood = names.every((name) => SEGMENT.test(name) && name !== "." && name !== "..");
  const name = nameOf(names.at(-1) as string);
  if (!isGood || name === "") return refused(written, "names no repository");
  const owner = names.slice(0, -1).join("/");
  return {
    ok: true,
    value: {
      transport,
      host: lower,
      owner,
      name,
      url: `${before}${lower}${between}${start}${names.join("/")}`,
    },
  };
}

function badUser(written: string, user: string): Parsed<never> {
  return user.includes(":")
    ? refused(written, "has a password in it, which would be stored and shown; use an ssh key")
    : refused(written, "has no good user name");
}

function splitAtSlash(rest: string): { readonly authority: string; readonly path: string } {
  const slash = rest.indexOf("/");
  if (slash === -1) return { authority: rest, path: "" };
  return { authority: rest.slice(0, slash), path: rest.slice(slash) };
}

function splitUser(authority: string): { readonly user: string | null; readonly host: string } {
  const at = authority.lastIndexOf("@");
  if (at === -1) return { user: null, host: authority };
  return { user: authority.slice(0, at), host: authority.slice(at + 1) };
}

function nameOf(last: string): string {
  return last.replace(/\.git$/u, "");
}

function refused(written: string, why: string): Parsed<never> {
  // What stands before an @ may be a secret, wherever it is.
  const shown = printableLine(written.replace(/(?<=^|\/\/)[^/]*@/u, "…@"), SHOWN_MAX);
  return { ok: false, message: `The address "${shown}" ${why}; write for example ${EXAMPLES}.` };
}
