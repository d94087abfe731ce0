import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgram } from "../../../src/adapters/process/find-program.ts";
import { workshop } from "./real-work-setup.ts";
import { sandbox } from "./support.ts";

/** Only the system's programs are there inside. */
const has = (program: string): boolean =>
  findProgram(program, "/usr/local/bin:/usr/bin:/bin") !== null;

const CHROMIUM = ["chromium", "chromium-browser", "google-chrome"].find(has);

/** Files of a workspace by name. */
async function put(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const NODE_TEST = `
const test = require("node:test");
const assert = require("node:assert");
const { Worker } = require("node:worker_threads");
const { execFileSync } = require("node:child_process");
test("workers", async () => {
  const code = 'require("node:worker_threads").parentPort.postMessage(6 * 7)';
  const said = await new Promise((resolve) => new Worker(code, { eval: true }).once("message", resolve));
  assert.equal(said, 42);
});
test("children", () => {
  assert.equal(execFileSync(process.execPath, ["-p", "6*7"]).toString().trim(), "42");
});
`;

const SERVER = `
import { createServer } from "node:http";
createServer((request, response) => response.end("page of " + request.url)).listen(4321, "127.0.0.1");
`;

const UNITTEST = `
import locale, multiprocessing, sqlite3, ssl, tempfile, unittest
class Test(unittest.TestCase):
    def test_pool(self):
        with multiprocessing.Pool(2) as pool:
            self.assertEqual(pool.map(abs, [-1, -2]), [1, 2])
    def test_files(self):
        with tempfile.NamedTemporaryFile() as file:
            self.assertEqual(sqlite3.connect(file.name).execute("select 6*7").fetchone(), (42,))
    def test_text(self):
        self.assertEqual(open("text").read(), "gr\\u00fc\\u00dfe\\n")
        locale.setlocale(locale.LC_ALL, "")
    def test_certificates(self):
        self.assertGreater(len(ssl.create_default_context().get_ca_certs()), 0)
`;

describe.skipIf(!sandbox.ok)("real work inside the fence", () => {
  it.skipIf(!has("git"))("commits with git, on branches, and goes back", async () => {
    await using at = await workshop();
    const { code, stdout, stderr } = await at.sh(`
      git init -q -b main
      git config user.name Task && git config user.email task@example.org
      echo one > a && git add a && git commit -qm one
      git switch -qc side && echo two > a && git commit -qam two
      git switch -q main && git merge -q side
      git worktree add -q ../one/tree HEAD~1
      git stash list && git log --format=%s && cat tree/a && git fsck`);
    expect([code, stdout, stderr]).toEqual([0, "two\none\none\n", ""]);
  });

  it.skipIf(!has("python3"))("runs the tests of a Python project", async () => {
    await using at = await workshop();
    await put(at.workspace, { "test_it.py": UNITTEST, text: "grüße\n" });
    const { code, stderr } = await at.sh("python3 -m unittest");
    expect([code, stderr]).toEqual([0, expect.stringContaining("Ran 4 tests")]);
  });

  it.skipIf(!has("cc") || !has("make"))("compiles C with make, and runs it", async () => {
    await using at = await workshop();
    await put(at.workspace, {
      "main.c":
        '#include <math.h>\n#include <pthread.h>\n#include <stdio.h>\nstatic void *work(void *at) { *(double *)at = sqrt(1764); return 0; }\nint main(void) { pthread_t thread; double found; pthread_create(&thread, 0, work, &found); pthread_join(thread, 0); printf("%.0f\\n", found); }\n',
      Makefile:
        "CFLAGS = -O2 -g -fsanitize=undefined -pthread\nLDLIBS = -lm\nmain: main.o\n\t$(CC) $(CFLAGS) $^ $(LDLIBS) -o $@\n",
    });
    const { code, stdout, stderr } = await at.sh("make -j2 >&2 && ./main");
    expect([code, stdout]).toEqual([0, "42\n"]);
    expect(stderr).not.toMatch(/warning|error/u);
  });

  it("runs Node's tests, with worker threads and children", async () => {
    await using at = await workshop();
    await put(at.workspace, { "it.test.cjs": NODE_TEST });
    const { code, stdout } = await at.sh("node --test");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/pass 2\n[^]*fail 0\n/u)]);
  });

  it("reaches a server of its own, past the way out", async () => {
    await using at = await workshop({ npm: new URL("http://127.0.0.1:9/") });
    await put(at.workspace, { "server.mjs": SERVER });
    const { code, stdout, stderr } = await at.sh(`
      node server.mjs & server=$!
      tries=0
      until curl -sf http://127.0.0.1:4321/ready >/dev/null; do
        tries=$((tries + 1)); [ $tries -lt 200 ]; sleep 0.1
      done
      for host in 127.0.0.1 localhost; do
        curl -sS http://$host:4321/curl; echo
        node -e 'fetch("http://'$host':4321/fetch").then((r) => r.text()).then(console.log)'
        node -e 'require("http").get("http://'$host':4321/get", (r) => r.pipe(process.stdout))'; echo
      done
      kill $server`);
    const each = ["page of /curl", "page of /fetch", "page of /get"];
    expect([code, stdout, stderr]).toEqual([0, `${[...each, ...each].join("\n")}\n`, ""]);
  });

  it.skipIf(CHROMIUM === undefined)("shows a page of its own in a headless browser", async () => {
    await using at = await workshop();
    await put(at.workspace, {
      "server.mjs": SERVER,
      "page.html": "<title>t</title><p id=a>no<script>a.textContent=6*7</script>",
    });
    const { code, stdout } = await at.sh(`
      ${CHROMIUM} --headless --no-sandbox --dump-dom page.html
      ${CHROMIUM} --headless --no-sandbox --screenshot=page.png page.html
      head -c 4 page.png`);
    expect([code, stdout]).toEqual([0, expect.stringContaining('<p id="a">42')]);
    expect(stdout).toContain("PNG");
  });
});
