import type { Parsed } from "./parsed.ts";
import { printableLine } from "./terminal.ts";

/** A git repository elsewhere, by what its address tells. */
export interface RepoAddress {
  /** As it is given to git; no name or password of a person in it, but for the user of ssh. */
  readonly address: string;
  readonly transport: "https" | "http" | "ssh";
  /** Lower-case name of the host, with its port when it is not the usual one. */
  readonly host: string;
  /** Everything before the last part, such as `org` or `group/subgroup`. */
  readonly owner: string;
  /** The last part, without `.git`. */
  readonly name: string;
}

const LENGTH_MAX = 1000;
const SHOWN_MAX = 120;
const EXAMPLES = "git@github.com:org/repo.git or https://github.com/org/repo.git";
/** Parts of a path that begin with a letter, digit, `_`, `~` or `.` and never are `..`. */
const PATH = /^\/?(?:[\w~.][\w.~+-]*\/)+[\w.~][\w.~+-]*\/?$/u;
const SHORT_SSH = /^(?<user>[\w.-]+)@(?<host>[a-z0-9][a-z0-9.-]*):(?<path>[^:]+)$/iu;

/** Reads an address that git reaches by HTTPS or ssh; all else that git would take is refused. */
export function parseRepoAddress(written: string): Parsed<RepoAddress> {
  const text = written.trim();
  const shown = printableLine(written, SHOWN_MAX);
  const bad = (message: string): Parsed<RepoAddress> => ({ ok: false, message });
  if (text.length > LENGTH_MAX || !/^[\x21-\x7e]+$/u.test(text)) {
    return bad(`"${shown}" is not the address of a repository, such as ${EXAMPLES}.`);
  }
  const short = SHORT_SSH.exec(text)?.groups;
  const parts = short === undefined ? partsOfUrl(text) : partsOfShort(text, short);
  if (parts === null || !PATH.test(parts.path) || parts.path.split("/").includes("..")) {
    return bad(`"${shown}" is not the address of a repository, such as ${EXAMPLES}.`);
  }
  if (parts.hasPassword) {
    const advice = "name the variable that holds it under `forges` in the settings instead";
    return bad(`An address may hold no password or token; ${advice}.`);
  }
  const names = parts.path.split("/").filter((part) => part !== "");
  const name = names.at(-1)?.replace(/\.git$/u, "") ?? "";
  const { address, transport, host } = parts;
  return {
    ok: true,
    value: { address, transport, host, owner: names.slice(0, -1).join("/"), name },
  };
}

type Parts = Pick<RepoAddress, "address" | "transport" | "host"> & {
  readonly path: string;
  readonly hasPassword: boolean;
};

function partsOfShort(address: string, groups: Readonly<Record<string, string>>): Parts {
  const { host = "", path = "" } = groups;
  return { address, transport: "ssh", host: host.toLowerCase(), path, hasPassword: false };
}

function partsOfUrl(text: string): Parts | null {
  const found =
    /^(?<scheme>https?|ssh):\/\/(?:(?<user>[^@/]*)@)?(?<host>[a-z0-9][a-z0-9.-]*(?::\d{1,5})?)(?<path>\/[^?#]*)$/iu.exec(
      text,
    )?.groups;
  if (found === undefined) return null;
  const { scheme = "", user, host = "", path = "" } = found;
  const transport = scheme.toLowerCase() as RepoAddress["transport"];
  const hasPassword = user !== undefined && (transport !== "ssh" || user.includes(":"));
  // A user of ssh stands in front of the address and so must not look like an option.
  if (user !== undefined && !hasPassword && !/^[\w][\w.-]*$/u.test(user)) return null;
  const at = user === undefined ? "" : `${user}@`;
  const address = `${transport}://${at}${host.toLowerCase()}${path}`;
  return { address, transport, host: host.toLowerCase(), path, hasPassword };
}
