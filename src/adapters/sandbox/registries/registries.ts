import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Confinement, ServedHost } from "../../../ports/launcher.ts";
import { answer } from "../egress/closing.ts";
import { type CacheUsage, cacheUsage, openFileCache } from "./cache.ts";
import { CARGO_HOST, CARGO_SETTINGS, CARGO_SETTINGS_PLACE, serveCargo } from "./cargo.ts";
import type { Exchange } from "./exchange.ts";
import { NPM_ENVIRONMENT, NPM_HOST, serveNpm } from "./npm.ts";
import { PIP_ENVIRONMENT, PIP_HOST, servePip } from "./pip.ts";
import { openUpstream } from "./upstream.ts";

/** The kinds of registries that there are names for inside. */
export const REGISTRY_KINDS = ["npm", "pip", "cargo"] as const;
export type RegistryKind = (typeof REGISTRY_KINDS)[number];

/** Finds the address of a registry; null when nobody here knows one. */
export type FindRegistry = () => Promise<URL | null>;

/** The registries of packages as a fenced tree has them. */
export interface Registries {
  /** What a confinement gets of them. */
  readonly inside: () => Required<Pick<Confinement, "virtualHosts" | "env" | "files">>;
  readonly usage: () => Promise<CacheUsage>;
  /** The addresses of outside, without names and passwords; null where nobody knows one. Asks for them. */
  readonly addresses: () => Promise<Partial<Record<RegistryKind, string | null>>>;
}

/**
 * Gives the registries names inside. What they publish for good is kept in `folder`, which no fenced
 * tree sees and only this process writes; where each of them is gets asked at its first use.
 */
export function openRegistries(parts: {
  readonly find: Readonly<Partial<Record<RegistryKind, FindRegistry>>>;
  readonly folder: string;
  readonly bytesMax: number;
}): Registries {
  const { find, folder, bytesMax } = parts;
  const cache = openFileCache(join(folder, "files"), bytesMax);
  const kinds = REGISTRY_KINDS.filter((kind) => find[kind] !== undefined);
  const bases = new Map(kinds.map((kind) => [kind, once(find[kind] ?? nowhere)]));
  const virtualHosts = kinds.map((kind): ServedHost => {
    const { host, open } = SERVED[kind];
    const base = bases.get(kind) ?? once(nowhere);
    const server = once(async () => {
      const url = await base();
      return url === null ? null : { upstream: openUpstream(url), answerFor: open(url) };
    });
    return {
      host,
      serve: async (request, response, path) => {
        const found = await server();
        if (found !== null) {
          return await found.answerFor(
            { request, response, upstream: found.upstream, cache },
            path,
          );
        }
        answer(response, 502, `Nobody here knows a registry for ${kind}; it is a setting.\n`);
        return null;
      },
    };
  });
  return {
    inside: () => ({
      virtualHosts,
      env: Object.fromEntries(kinds.flatMap((kind) => Object.entries(SERVED[kind].env))),
      files: kinds.includes("cargo") ? [cargoSettings(folder)] : [],
    }),
    usage: async () => await cacheUsage(join(folder, "files")),
    addresses: async () => {
      const found = [...bases].map(async ([kind, base]) => [kind, shown(await base())] as const);
      return Object.fromEntries(await Promise.all(found));
    },
  };
}

type Answer = (exchange: Exchange, path: string) => Promise<string | null>;

const SERVED: Readonly<
  Record<
    RegistryKind,
    {
      readonly host: string;
      readonly env: Readonly<Record<string, string>>;
      readonly open: (base: URL) => Answer;
    }
  >
> = {
  npm: {
    host: NPM_HOST,
    env: NPM_ENVIRONMENT,
    open: (base) => async (exchange, path) => await serveNpm(exchange, base, path),
  },
  pip: {
    host: PIP_HOST,
    env: PIP_ENVIRONMENT,
    open: (base) => {
      const key = randomBytes(32);
      return async (exchange, path) => await servePip(exchange, base, path, key);
    },
  },
  cargo: {
    host: CARGO_HOST,
    env: {},
    open: (base) => {
      const places = { template: null };
      return async (exchange, path) => await serveCargo(exchange, base, path, places);
    },
  },
};

function cargoSettings(folder: string): { readonly from: string; readonly at: string } {
  const from = join(folder, "cargo.toml");
  // Never written anew: trees that have it may be running.
  if (!existsSync(from)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(from, CARGO_SETTINGS, { mode: 0o644 });
  }
  return { from, at: CARGO_SETTINGS_PLACE };
}

/** Asks at the first call only; a failure is asked again. */
function once<T>(ask: () => Promise<T | null>): () => Promise<T | null> {
  let asked: Promise<T | null> | null = null;
  return async () => {
    asked ??= ask();
    const found = await asked.catch(() => null);
    if (found === null) asked = null;
    return found;
  };
}

async function nowhere(): Promise<null> {
  return await Promise.resolve(null);
}

function shown(url: URL | null): string | null {
  return url === null ? null : `${url.origin}${url.pathname}`;
}
