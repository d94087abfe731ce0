import type { Exchange } from "./exchange.ts";
import { GZIP, serveFile } from "./files.ts";
import { type Rewrite, servePage, serveRewritten } from "./pages.ts";
import { urlBelow } from "./url-below.ts";

/** The name of the registry of crates inside. */
export const CARGO_HOST = "crates.sandbox";

const INDEX = "/index";
const CONFIG = "/config.json";
const CRATE = /^\/crates\/([A-Za-z0-9_-]+)\/([A-Za-z0-9.+_-]+)\/([0-9a-f]{64})$/u;

/** Where cargo finds its settings whatever folder it works in; no variable can replace a registry. */
export const CARGO_SETTINGS_PLACE = "/.cargo/config.toml";

/** Settings that lead cargo to that name; lock files keep the registry of outside. */
export const CARGO_SETTINGS: string = `[source.crates-io]
replace-with = "sandbox"

[source.sandbox]
registry = "sparse+http://${CARGO_HOST}${INDEX}/"
`;

/** Where a registry keeps its crates, as its index told last. */
export interface CratePlaces {
  template: string | null;
}

/** Serves one request of cargo; `base` is a sparse index, whose own settings tell where the crates lie. */
export async function serveCargo(
  exchange: Exchange,
  base: URL,
  path: string,
  places: CratePlaces,
): Promise<string | null> {
  const crate = CRATE.exec(path);
  if (crate !== null) {
    const url = crateUrl(places.template, crate);
    if (url === null) return "its index does not tell where crates are";
    await serveFile(exchange, { url, begins: GZIP });
    return null;
  }
  const url = path.startsWith(`${INDEX}/`) ? urlBelow(base, path.slice(INDEX.length)) : null;
  if (url === null) return "it is no page of the index";
  if (path === `${INDEX}${CONFIG}`) await serveRewritten(exchange, url, settingsWith(places));
  else await servePage(exchange, url);
  return null;
}

/** The settings of the index as they are inside: crates come from here, and nothing can be sent. */
function settingsWith(places: CratePlaces): Rewrite {
  return (text) => {
    const { dl } = JSON.parse(text) as { readonly dl: string };
    places.template = MARKER.test(dl) ? dl : `${dl}/{crate}/{version}/download`;
    return JSON.stringify({
      dl: `http://${CARGO_HOST}/crates/{crate}/{version}/{sha256-checksum}`,
    });
  };
}

const MARKER = /\{(?:crate|version|prefix|lowerprefix|sha256-checksum)\}/u;

function crateUrl(template: string | null, parts: RegExpExecArray): URL | null {
  const [, crate = "", version = "", checksum = ""] = parts;
  if (template === null) return null;
  return URL.parse(
    template
      .replaceAll("{crate}", crate)
      .replaceAll("{version}", version)
      .replaceAll("{prefix}", prefixOf(crate))
      .replaceAll("{lowerprefix}", prefixOf(crate.toLowerCase()))
      .replaceAll("{sha256-checksum}", checksum),
  );
}

/** The folder of a crate, as indexes are laid out. */
function prefixOf(crate: string): string {
  if (crate.length <= 2) return String(crate.length);
  if (crate.length === 3) return `3/${crate.slice(0, 1)}`;
  return `${crate.slice(0, 2)}/${crate.slice(2, 4)}`;
}
