import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import {
  openRegistries,
  type Registries,
  type RegistryKind,
} from "../../../src/adapters/sandbox/registries/registries.ts";
import { temporaryFolder } from "../support.ts";
import { openStage, portOf, type Stage, type StageOptions } from "./egress-setup.ts";

/** A registry on loopback that counts what it is asked. */
export interface FakeRegistry extends AsyncDisposable {
  readonly url: URL;
  /** What was asked of it, as `GET /path`, oldest first. */
  readonly asked: readonly string[];
  readonly requests: readonly IncomingMessage[];
}

export async function fakeRegistry(
  serve: (request: IncomingMessage, response: ServerResponse) => void,
  path = "/",
): Promise<FakeRegistry> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    serve(request, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: new URL(`http://127.0.0.1:${portOf(server)}${path}`),
    requests,
    get asked() {
      return requests.map(({ method, url }) => `${method} ${url}`);
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An egress with the registries of these addresses, and a cache of its own. */
export interface RegistryStage extends AsyncDisposable {
  readonly stage: Stage;
  readonly registries: Registries;
  /** Where the cache is. */
  readonly folder: string;
}

export async function stageWith(
  urls: Readonly<Partial<Record<RegistryKind, URL>>>,
  {
    bytesMax = 1024 ** 2,
    folder,
    ...more
  }: StageOptions & { readonly bytesMax?: number; readonly folder?: string } = {},
): Promise<RegistryStage> {
  const own = await temporaryFolder();
  const place = folder ?? own.path;
  const find = Object.fromEntries(
    Object.entries(urls).map(([kind, url]) => [kind, async () => await Promise.resolve(url)]),
  );
  const registries = openRegistries({ find, folder: place, bytesMax });
  const stage = await openStage({ virtual: registries.inside().virtualHosts, ...more });
  return {
    stage,
    registries,
    folder: place,
    [Symbol.asyncDispose]: async () => {
      await stage[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

/** Bytes that are packed with gzip and as long as this. */
export function packed(text: string): Buffer {
  return gzipSync(text);
}
