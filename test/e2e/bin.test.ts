import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "src", "bin.ts");

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs Node with these arguments; `onStart` may talk to it. */
function node(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  onStart: (child: ReturnType<typeof spawn>) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env } });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  onStart(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
}

async function home(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "sle-bin-"));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  return { path, [Symbol.asyncDispose]: remove };
}

test("--version is the one of the package", async () => {
  const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
    version: string;
  };
  expect(await node([BIN, "--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
  expect(await node([BIN, "-V"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
});

test.for(["20.19.0", "24.14.9"])("on Node %s one sentence says what to do", async (old) => {
  const versions = `{ value: { ...process.versions, node: "${old}" } }`;
  const pretend = `data:text/javascript,Object.defineProperty(process, "versions", ${versions})`;
  expect(await node(["--import", pretend, BIN, "check"])).toEqual({
    code: 1,
    out: "",
    err: `sle: Node 24.15 or newer is needed, this is ${old}; install it and try again.\n`,
  });
});

test("what is imported before the version is judged exists in Node 20", async () => {
  const text = await readFile(BIN, "utf8");
  expect(text.match(/^import .*$/gmu)).toEqual(['import module from "node:module";']);
});

test("think loads no package, and of ours only what it needs to queue", async () => {
  await using place = await home();
  const env = { SLEEPLESS_HOME: place.path };
  await node([BIN, "think", "make the home"], env);
  const hooks = `{ load(url, context, next) { process._rawDebug(url); return next(url, context); } }`;
  const tell = `data:text/javascript,import { registerHooks } from "node:module"; registerHooks(${hooks})`;
  const { code, err } = await node(["--import", tell, BIN, "-q", "think", "x"], env);
  expect(code).toBe(0);
  const loaded = err.split("\n").filter((url) => url.startsWith("file:"));
  expect(loaded.some((url) => url.endsWith("/sqlite/intake.ts"))).toBe(true);
  const unneeded = /node_modules|policies|lifecycle|config|overview|render|specs\/all|queries/u;
  expect(loaded.filter((url) => unneeded.test(url.slice(ROOT.length + "file://".length)))).toEqual(
    [],
  );
});

test("a reader that goes away ends it quietly", async () => {
  await using place = await home();
  const env = { SLEEPLESS_HOME: place.path };
  expect((await node([BIN, "think", "x"], env)).code).toBe(0);
  const closed = Promise.withResolvers<void>();
  const watching = node([BIN, "watch", "--since", "0"], env, (child) => {
    child.stdout?.once("data", () => {
      child.stdout?.destroy();
      closed.resolve();
    });
  });
  await closed.promise;
  // The next event meets a closed pipe.
  await node([BIN, "think", "y"], env);
  expect(await watching).toMatchObject({ code: 0, err: "" });
});

test("a signal ends what goes on with 130", async () => {
  await using place = await home();
  const env = { SLEEPLESS_HOME: place.path };
  await node([BIN, "think", "x"], env);
  const ended = await node([BIN, "watch", "--since", "0"], env, (child) => {
    child.stdout?.once("data", () => child.kill("SIGINT"));
  });
  expect(ended).toMatchObject({ code: 130, err: "" });
});
