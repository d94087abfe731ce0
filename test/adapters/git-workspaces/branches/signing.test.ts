import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { CommitIdentity } from "../../../../src/adapters/git-workspaces/branches/result-commit.ts";
import { type Bundle, git, inside, opened, read, setup, writeFiles } from "../setup.ts";

const AT = Date.UTC(2026, 0, 16, 2);
const EMAIL = "bot@example.org";
const hasGpg = spawnSync("gpg", ["--version"]).status === 0;

function identity(signing: CommitIdentity["signing"]): CommitIdentity {
  return { name: "sleepless[bot]", email: EMAIL, signing };
}

/** Makes the commit of a result that changed a file. */
async function committed(bundle: Bundle): Promise<string> {
  const { workspaces, signal } = bundle;
  const project = bundle.repositoryProject();
  const base = git(project.location, "rev-parse", "HEAD").trim();
  writeFiles(await opened(bundle, 1, project), { "a.txt": "ours\n" });
  const { commit: files } = await workspaces.keep(1, 1, project, signal);
  const message = "Do it\n\nTask-Id: 1\n";
  const spec = { taskId: 1, files, parents: [base], message, at: AT };
  return workspaces.branches.commit(project, spec, signal);
}

test("commits are by the bot, with its trailers, and signed with a key of ssh", async () => {
  using bundle = setup("git", identity({ format: "ssh", key: "KEY", environment: {} }));
  const key = join(bundle.root, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key]);
  const made = await committed(bundle);
  const show = (format: string): string =>
    inside(bundle, "app", "show", "-s", `--format=${format}`, made);
  const bot = `sleepless[bot] <${EMAIL}>`;
  expect(show("%an <%ae> %cn <%ce>")).toBe(`${bot} ${bot}`);
  expect(show("%(trailers:key=Task-Id,valueonly)").trim()).toBe("1");
  const allowed = join(bundle.root, "allowed");
  writeFileSync(allowed, `${EMAIL} ${read(bundle.root, "key.pub")}`);
  const verify = ["-c", `gpg.ssh.allowedSignersFile=${allowed}`, "verify-commit", made];
  expect(() => inside(bundle, "app", ...verify)).not.toThrow();
});

test.skipIf(!hasGpg)("commits are signed with a key of GPG", async () => {
  using bundle = setup(
    "git",
    identity({ format: "gpg", key: EMAIL, environment: { GNUPGHOME: "/g" } }),
  );
  const home = join(bundle.root, "gnupg");
  mkdirSync(home, { mode: 0o700 });
  const env = { PATH: process.env["PATH"], GNUPGHOME: home };
  const gpg = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  try {
    gpg("gpg", "--batch", "--passphrase", "", "--quick-generate-key", EMAIL, "ed25519", "sign");
    const made = await committed(bundle);
    const path = join(bundle.repositories, "app.git");
    const verify = ["-C", path, "verify-commit", "--raw", made];
    const { stderr } = spawnSync("git", verify, { env, encoding: "utf8" });
    expect(stderr).toContain(`GOODSIG`);
    expect(stderr).toContain(EMAIL);
  } finally {
    gpg("gpgconf", "--kill", "all");
  }
});

test("a key that is not there is told, and nothing is committed without a signature", async () => {
  using bundle = setup("git", identity({ format: "ssh", key: "KEY", environment: {} }));
  await expect(committed(bundle)).rejects.toMatchObject({
    failure: "config",
    message: expect.stringMatching(/^The commit could not be signed \(.+\); see `git.signing`/u),
  });
});
