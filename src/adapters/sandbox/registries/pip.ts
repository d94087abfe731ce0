import { createHmac, timingSafeEqual } from "node:crypto";
import type { Exchange } from "./exchange.ts";
import { GZIP, serveFile, ZIP } from "./files.ts";
import { type Rewrite, serveRewritten } from "./pages.ts";
import { urlBelow } from "./url-below.ts";

/** The name of the Python index inside. */
export const PIP_HOST = "pypi.sandbox";

const INDEX = "/simple";
const FILES = "/files/";
/** What an index tells of a file lies beside it under this ending. */
const METADATA = ".metadata";

/** Variables that lead pip to that name. */
export const PIP_ENVIRONMENT: Readonly<Record<string, string>> = {
  PIP_INDEX_URL: `http://${PIP_HOST}${INDEX}/`,
  PIP_TRUSTED_HOST: PIP_HOST,
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
};

/**
 * Serves one request of pip. Files lie on other hosts, and only those that a page of the index named
 * are served: their addresses are sealed with `key`.
 */
export async function servePip(
  exchange: Exchange,
  base: URL,
  path: string,
  key: Buffer,
): Promise<string | null> {
  if (path.startsWith(FILES)) {
    const url = unsealed(key, path.slice(FILES.length));
    if (url === null) return "its index named no such file";
    await serveFile(exchange, { url, begins: beginsOf(url.pathname) });
    return null;
  }
  const url = path.startsWith(`${INDEX}/`) ? urlBelow(base, path.slice(INDEX.length)) : null;
  if (url === null) return "it is no page of the index";
  await serveRewritten(exchange, url, rewriteWith(key));
  return null;
}

function beginsOf(path: string): string {
  if (/\.(?:whl|zip)$/u.test(path)) return ZIP;
  return /\.(?:gz|tgz)$/u.test(path) ? GZIP : "";
}

function rewriteWith(key: Buffer): Rewrite {
  return (text, page, contentType) => {
    const inside = (link: string): string => sealed(key, URL.parse(link, page.href)) ?? link;
    return contentType.includes("json") ? inJson(text, inside) : inHtml(text, inside);
  };
}

function inJson(text: string, inside: (link: string) => string): string {
  const page = JSON.parse(text) as { readonly files?: readonly { readonly url: string }[] };
  const files = page.files?.map((file) => ({ ...file, url: inside(file.url) }));
  return JSON.stringify({ ...page, ...(files === undefined ? {} : { files }) });
}

function inHtml(text: string, inside: (link: string) => string): string {
  return text.replace(
    /(<a\s(?:[^>"']|"[^"]*"|'[^']*')*?\bhref\s*=\s*)(?:"([^"]*)"|'([^']*)')/giu,
    (_all, before: string, double: string | undefined, single: string | undefined) => {
      const link = (double ?? single ?? "").replaceAll("&amp;", "&");
      return `${before}"${inside(link).replaceAll("&", "&amp;").replaceAll('"', "%22")}"`;
    },
  );
}

/** A link to a file as it is inside; null for pages, which lead on within the index. */
function sealed(key: Buffer, url: URL | null): string | null {
  if (url === null || !/^https?:$/u.test(url.protocol) || url.pathname.endsWith("/")) return null;
  const { hash, pathname } = url;
  const file = new URL(url);
  file.hash = "";
  // In letters that no client spells in another way.
  const where = Buffer.from(file.href).toString("base64url");
  const name = pathname.slice(pathname.lastIndexOf("/"));
  return `http://${PIP_HOST}${FILES}${sealOf(key, where)}/${where}${name}${hash}`;
}

/** The address behind a sealed path; null when no page of the index named it. */
function unsealed(key: Buffer, path: string): URL | null {
  const [, seal = "", where = "", name = ""] = SEALED.exec(path) ?? [];
  if (!isSeal(seal, sealOf(key, where))) return null;
  const url = URL.parse(Buffer.from(where, "base64url").toString());
  if (url !== null && name.endsWith(METADATA)) url.pathname += METADATA;
  return url;
}

const SEALED = /^([0-9a-f]{64})\/([\w-]+)\/([^/?]+)$/u;

function sealOf(key: Buffer, where: string): string {
  return createHmac("sha256", key).update(where).digest("hex");
}

function isSeal(given: string, right: string): boolean {
  return given.length === right.length && timingSafeEqual(Buffer.from(given), Buffer.from(right));
}
