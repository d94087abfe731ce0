import type { Exchange } from "./exchange.ts";
import { GZIP, serveFile } from "./files.ts";
import { servePage, serveRewritten } from "./pages.ts";
import { urlBelow } from "./url-below.ts";

/** The name of the npm registry inside. */
export const NPM_HOST = "npm.sandbox";

/** pnpm takes files from where it is told, and keeps no such address in its lock file. */
const AS_TOLD = "pnpm/";
const TARBALL = /\/-\/[^/]+\.tgz$/u;

/** Variables that lead npm, and all that heed its variables, to that name. */
export const NPM_ENVIRONMENT: Readonly<Record<string, string>> = {
  npm_config_registry: `http://${NPM_HOST}/`,
  // Lock files and answers hold the addresses of outside, and keep them.
  npm_config_replace_registry_host: "always",
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
};

/** Serves one request of npm; a tarball never changes under its address. */
export async function serveNpm(
  exchange: Exchange,
  base: URL,
  path: string,
): Promise<string | null> {
  const folder = base.pathname.replace(/\/+$/u, "");
  // npm puts the whole path of an address behind the name, or only what lies below the registry.
  const below = folder !== "" && path.startsWith(`${folder}/`) ? path.slice(folder.length) : path;
  const url = urlBelow(base, below);
  if (url === null) return "it is no address of the registry";
  if (TARBALL.test(url.pathname)) {
    url.search = "";
    await serveFile(exchange, { url, begins: GZIP });
  } else if (exchange.request.headers["user-agent"]?.startsWith(AS_TOLD) === true) {
    const links = `"${base.origin}${folder}/`;
    await serveRewritten(exchange, url, (text) => text.replaceAll(links, `"http://${NPM_HOST}/`));
  } else {
    await servePage(exchange, url);
  }
  return null;
}
