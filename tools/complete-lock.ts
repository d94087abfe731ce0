// Completes package-lock.json with the packages for other platforms that the registry at hand did not
// offer when it was made. `npm ci` refuses a lock file without them, though it never fetches them here.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Locked {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const PATH = join(import.meta.dirname, "..", "package-lock.json");
const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openbsd", "openharmony", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "x64"];

const lock = JSON.parse(readFileSync(PATH, "utf8")) as { packages: Record<string, Locked> };
const added = complete(lock.packages);
writeFileSync(PATH, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(`${added.length} packages of other platforms added\n`);

function complete(packages: Record<string, Locked>): readonly string[] {
  const names: string[] = [];
  for (const [path, parent] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
      const platform = platformOf(name);
      if (platform === null || isLocked(packages, path, name)) continue;
      const dev = parent.dev === true ? { dev: true } : {};
      packages[`node_modules/${name}`] = { version, ...dev, optional: true, ...platform };
      names.push(name);
    }
  }
  const sorted = Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [path] of sorted) delete packages[path];
  Object.assign(packages, Object.fromEntries(sorted));
  return names;
}

function isLocked(packages: Readonly<Record<string, Locked>>, path: string, name: string): boolean {
  return `node_modules/${name}` in packages || `${path}/node_modules/${name}` in packages;
}

/** What a package for one platform runs on, by the words of its name; null for any other package. */
function platformOf(name: string): Pick<Locked, "os" | "cpu" | "libc"> | null {
  const words = name.split(/[/-]/u);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return null;
  const isMusl = words.some((word) => word.startsWith("musl"));
  const libc = os !== "linux" ? {} : { libc: [isMusl ? "musl" : "glibc"] };
  return { os: [os], cpu: [cpu], ...libc };
}
