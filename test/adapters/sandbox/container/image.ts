import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findProgram } from "../../../../src/adapters/process/find-program.ts";

/** An image for tests and the environment in which the engine of this machine works. */
export interface TestImage {
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly [Symbol.dispose]: () => void;
}

/** Programs of this machine that the image has; the first must be there. */
const PROGRAMS =
  "sh cat chmod chown curl date dd env grep head id kill ln ls mkdir mknod mount mv ps python3 rm sed seq setsid sleep socat sort stat tail touch tr true unshare wc".split(
    " ",
  );

/** The image, or what of this machine's Podman does not work. Never fetched: made of our own programs. */
export function makeTestImage(): TestImage | { readonly missing: string } {
  const podman = findProgram("podman", process.env["PATH"]);
  if (podman === null) return { missing: "podman is not installed" };
  const folder = mkdtempSync(join(tmpdir(), "sleepless-image-"));
  const name = `localhost/sleepless-test:${process.pid}`;
  const base = { ...process.env, ...runtimeDirectory(folder) };
  const engine = (env: TestImage["env"], ...args: readonly string[]): string =>
    execFileSync(podman, args, { encoding: "utf8", env, stdio: "pipe" });
  try {
    fill(join(folder, "root"));
    execFileSync("tar", ["-C", join(folder, "root"), "-cf", join(folder, "tar"), "."]);
    engine(base, "import", join(folder, "tar"), name);
    const env = waysOf(folder, base).find((each) => {
      try {
        engine(each, "run", "--rm", ...TRY, name, "/bin/true");
        return true;
      } catch {
        return false;
      }
    });
    if (env === undefined) return { missing: "podman can run no container here" };
    return {
      name,
      env,
      [Symbol.dispose]: () => {
        engine(env, "rmi", "--force", name);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { missing: error instanceof Error ? error.message : "no image could be made" };
  }
}

const TRY = ["--network", "none", "--ulimit", "nofile=64:64", "--ulimit", "nproc=64:64"];

/** Crun refuses machines with both versions of control groups; runc does not. */
function waysOf(folder: string, base: TestImage["env"]): readonly TestImage["env"][] {
  const conf = join(folder, "containers.conf");
  writeFileSync(conf, '[engine]\nruntime = "runc"\n');
  return [base, { ...base, CONTAINERS_CONF: conf }];
}

/** Rootless Podman wants one of its own where nobody has logged in. */
function runtimeDirectory(folder: string): Readonly<Record<string, string>> {
  if (process.getuid?.() === 0 || process.env["XDG_RUNTIME_DIR"] !== undefined) return {};
  const path = join(folder, "runtime");
  mkdirSync(path, { mode: 0o700 });
  return { XDG_RUNTIME_DIR: path };
}

function fill(root: string): void {
  for (const name of ["usr/bin", "usr/lib", "etc", "tmp", "run", "proc", "sys", "dev", "var"]) {
    mkdirSync(join(root, name), { recursive: true });
  }
  chmodSync(root, 0o755);
  symlinkSync("usr/bin", join(root, "bin"));
  const files = PROGRAMS.flatMap((name) => findProgram(name, "/usr/bin:/bin") ?? []);
  for (const program of files)
    cpSync(realpathSync(program), join(root, "usr/bin", program.split("/").at(-1) ?? ""));
  const extensions = pythonFolders().flatMap((folder) => globSync(`${folder}/lib-dynload/*.so`));
  for (const folder of pythonFolders()) {
    cpSync(folder, join(root, folder), {
      recursive: true,
      filter: (path) => !/__pycache__|\/test\/|site-packages/u.test(path),
    });
  }
  for (const library of librariesOf([...files, ...extensions, process.execPath])) {
    const at = join(root, library);
    mkdirSync(dirname(at), { recursive: true });
    cpSync(realpathSync(library), at);
  }
}

/** Modules of Python, with those in machine code: they are looked for beside its own folder. */
function pythonFolders(): readonly string[] {
  try {
    const print = 'import sysconfig as s; print(s.get_path("stdlib"))';
    const out = execFileSync("/usr/bin/python3", ["-I", "-c", print], {
      encoding: "utf8",
      stdio: "pipe",
    });
    return [out.trim()].filter((path) => path.startsWith("/usr/"));
  } catch {
    return [];
  }
}

function librariesOf(programs: readonly string[]): ReadonlySet<string> {
  const found = programs.flatMap((program) => {
    try {
      const out = execFileSync("ldd", [program], { encoding: "utf8", stdio: "pipe" });
      return [...out.matchAll(/(?:=> )?(\/\S+) \(0x/gu)].map(([, path]) => path ?? "");
    } catch {
      return [];
    }
  });
  return new Set(found);
}
