import { existsSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Mount, View } from "./bwrap-args.ts";
import { HOST_ETC_ENTRIES } from "./etc.ts";

/** Where our own Node is inside when it does not belong to the system. */
export const NODE_PLACE = "/opt/node";

/** What every fenced tree sees of this machine: places to mount as they are, and links. */
export interface SystemPlaces {
  readonly readable: readonly Mount[];
  readonly links: View["links"];
}

/**
 * The system's programs and libraries with what of /etc they need, and our own Node. Merged systems
 * have links where older ones have folders. `made` are names of /etc that come from elsewhere.
 */
export function systemPlaces(made: readonly string[]): SystemPlaces {
  const top = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].filter(existsSync);
  const isLink = (path: string): boolean => realpathSync(path) !== path;
  const etc = HOST_ETC_ENTRIES.filter((name) => !made.includes(name))
    .map((name) => join("/etc", name))
    .filter(existsSync);
  const asTheyAre = ["/usr", ...top.filter((path) => !isLink(path)), ...etc];
  return {
    readable: asTheyAre.map((path) => ({ from: path, at: path })),
    links: top.filter(isLink).map((at) => ({ at, to: readlinkSync(at) })),
  };
}

/** The Node of this process with its npm: never the folder around them, which may be a person's home. */
export function nodePlaces(executable: string): SystemPlaces {
  const node = realpathSync(executable);
  if (node.startsWith("/usr/")) return { readable: [], links: [] };
  const modules = join(dirname(dirname(node)), "lib", "node_modules");
  const tools = ["npm", "npx"].filter((name) =>
    existsSync(join(modules, "npm", "bin", `${name}-cli.js`)),
  );
  return {
    readable: [
      { from: node, at: join(NODE_PLACE, "bin", "node") },
      ...(tools.length > 0 ? [{ from: modules, at: join(NODE_PLACE, "lib", "node_modules") }] : []),
    ],
    links: tools.map((name) => ({
      at: join(NODE_PLACE, "bin", name),
      to: `../lib/node_modules/npm/bin/${name}-cli.js`,
    })),
  };
}

/** A program that lies elsewhere than the system's own, under its name and its real one. */
export function programPlaces(command: string): readonly string[] {
  if (!existsSync(command)) return [];
  const names = new Set([command, realpathSync(command)]);
  return [...names].filter((path) => !realpathSync(dirname(path)).startsWith("/usr/"));
}

/** Folders that hold what others own, and those that do so with all below them. */
const SHARED = ["/", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp", "/var"];
const SHARED_BELOW_VAR = ["cache", "lib", "log", "mail", "opt", "run", "spool", "tmp"];
const SYSTEM = /^\/(?:bin|boot|dev|etc|lib\w*|proc|sbin|sys|usr)(?:\/|$)/u;

/** True for a folder of the system, which no task may ever be given to write: as root it would get it. */
export function belongsToSystem(path: string): boolean {
  const shared = [...SHARED, ...SHARED_BELOW_VAR.map((name) => `/var/${name}`)];
  return shared.includes(path) || SYSTEM.test(path);
}
