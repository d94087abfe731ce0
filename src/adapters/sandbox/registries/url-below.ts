/** The address of a path below a registry; null when it would be anywhere else. */
export function urlBelow(base: URL, path: string): URL | null {
  const folder = base.pathname.replace(/\/+$/u, "");
  const url = URL.parse(`${base.origin}${folder}${path}`);
  if (url === null || url.origin !== base.origin) return null;
  return url.pathname.startsWith(`${folder}/`) ? url : null;
}
