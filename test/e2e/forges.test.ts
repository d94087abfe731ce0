import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Finding } from "../../src/surfaces/cli/context.ts";

const BIN = join(import.meta.dirname, "..", "..", "src", "bin.ts");

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sle-e2e-"));
  mkdirSync(join(home, "data"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function findings(env: Readonly<Record<string, string>> = {}): readonly Finding[] {
  const args = [BIN, "--home", home, "doctor", "--json"];
  const options = {
    env: { PATH: process.env["PATH"], HOME: home, ...env },
    encoding: "utf8",
  } as const;
  let out = "";
  try {
    out = execFileSync(process.execPath, args, { ...options, stdio: ["ignore", "pipe", "ignore"] });
  } catch (error) {
    out = (error as { stdout: string }).stdout;
  }
  const all = JSON.parse(out) as Finding[];
  return all.filter(
    ({ area, name }) => area === "login" && /\.example$|signing|^\.env$/u.test(name),
  );
}

it("says which ways out are open, and takes tokens from the file .env of the home", () => {
  writeFileSync(
    join(home, "config.yaml"),
    [
      "git: { signing: ssh, signing_key: /nowhere/key }",
      "forges:",
      "  a.example: { kind: gitlab, token: LAB_TOKEN }",
      "  b.example: { kind: gitea }",
      "  c.example: { kind: github, app: { id: 1, key: /nowhere/app.pem } }",
      "",
    ].join("\n"),
  );
  const advice = expect.any(String);
  expect(findings()).toEqual([
    {
      area: "login",
      name: "a.example",
      status: "problem",
      detail: "gitlab: LAB_TOKEN is not set",
      advice,
    },
    {
      area: "login",
      name: "b.example",
      status: "warning",
      detail: "gitea: no pull request is opened there",
      advice,
    },
    {
      area: "login",
      name: "c.example",
      status: "problem",
      detail: "/nowhere/app.pem is not there",
      advice,
    },
    {
      area: "login",
      name: "signing",
      status: "problem",
      detail: "/nowhere/key is not there",
      advice,
    },
  ]);
  writeFileSync(join(home, ".env"), "LAB_TOKEN=glpat-anything\n");
  chmodSync(join(home, ".env"), 0o644);
  expect(findings()[0]).toMatchObject({ status: "ok", detail: "gitlab, by LAB_TOKEN" });
  expect(findings().at(-1)).toMatchObject({ name: ".env", status: "warning" });
  chmodSync(join(home, ".env"), 0o600);
  expect(findings().at(-1)?.name).toBe("signing");
});

it("refuses an address with a password in it, and tells a mistake in the settings", () => {
  const run = (...words: readonly string[]): string => {
    const args = [BIN, "--home", home, ...words];
    try {
      execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
      return "";
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  };
  const secret = "hunter2hunter2";
  const said = run("project", "add", "x", "--repo", `https://me:${secret}@git.example/a/b.git`);
  expect(said).toContain("has a name or password in it");
  expect(said).not.toContain(secret);
  expect(run("project", "add", "x", "--repo", "ext::sh -c id")).toContain(
    "would have git run a program",
  );
  expect(run("project", "add", "x", "--path", ".", "--repo", "git@h:a/b.git")).toContain(
    "not at both",
  );
  expect(run("project", "add", "x", "--repo", "git@h:a/b.git", "--base", "-x")).toContain(
    "cannot be a branch",
  );
  writeFileSync(join(home, "config.yaml"), 'git: { branch: "feature/{slug}", signing: gpg }\n');
  expect(run("config", "show")).toMatch(/git\.branch.*with \{id\}/u);
});
