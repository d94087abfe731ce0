import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeFindings } from "../../../src/core/secrets/describe.ts";
import { diffTexts } from "../../../src/core/secrets/diff.ts";
import type { SecretFinding, SecretFindings } from "../../../src/core/secrets/finding.ts";
import { secretsOfEnvironment } from "../../../src/core/secrets/known.ts";
import { all, file, find, githubToken, known, signs } from "./secrets-samples.ts";

const TOKEN = githubToken();

function linesOf(text: string, path = "src/a.ts"): readonly string[] {
  return all(find(file(text, path))).map(({ rule, line }) => `${rule} ${line}`);
}

describe("what is split or wrapped", () => {
  const [front, back] = [TOKEN.slice(0, 20), TOKEN.slice(20)];

  it.each([
    ["a sum of strings", `\nconst a = "${front}" +\n    "${back}";`],
    ["a sum that begins the line", `\nconst a = "${front}"\n  + "${back}";`],
    ["strings beside each other", `\na = ("${front}"\n     "${back}")`],
    ["a line that goes on", `\nA=${front}\\\n  ${back}`],
    ["with lines that end as on Windows", `\r\na = "${front}" +\r\n "${back}"`],
    ["a part that begins with it", `x = "a " +\n"${front}" +\n"${back}";`],
    ["many parts", `\nx = "a" +\n"b";\ny = "${front}" +\n"${back}" +\n"c";`],
  ])("%s", (what, text) => {
    expect(linesOf(text)).toEqual([`github-token ${what === "many parts" ? 4 : 2}`]);
  });

  it("is told once when a part is enough", () => {
    expect(linesOf(`a = "${TOKEN}" +\n "more";`)).toEqual(["github-token 1"]);
  });

  const base64 = (text: string): string => Buffer.from(text).toString("base64");

  it("base64 on a line", () => {
    expect(linesOf(`\ndata: ${base64(`{"a":"${TOKEN}"}`)}`)).toEqual(["github-token 2"]);
    const url = Buffer.from(`<<???>>${TOKEN}`).toString("base64url");
    expect(linesOf(`data: ${url}`)).toEqual(["github-token 1"]);
    const wide = Buffer.from(`key ${TOKEN}`, "utf16le").toString("base64");
    expect(linesOf(`powershell -enc ${wide}`)).toEqual(["github-token 1"]);
  });

  it("base64 over many lines", () => {
    const wrapped = base64(
      `Some words that come before it, to fill a line or two. ${TOKEN} and so on.`,
    ).match(/.{1,60}/gu);
    expect(linesOf(`a:\n${wrapped?.join("\n")}`)).toEqual(["github-token 2"]);
    expect(linesOf(`a:\n${wrapped?.join("\r\n\t  ")}\r\n`)).toEqual(["github-token 2"]);
    const text = `a:\n${wrapped?.join("\n")}\n`;
    expect(all(find({ ...file(text), added: new Set([3]) }))).toHaveLength(1);
    expect(all(find({ ...file(text), added: new Set([1]) }))).toEqual([]);
  });

  it("base64 of its own on the next line", () => {
    const first = base64("w".repeat(46)).replace("==", "");
    expect(linesOf(`${first}\n${base64(`${TOKEN} and more`)} x`)).toEqual(["github-token 2"]);
  });

  it("base64 that does not go on in the next line, and what is no base64", () => {
    const line = base64(`${"w".repeat(30)} ${TOKEN} ${"w".repeat(18)}`);
    for (const next of ["", "  ", "not base64 at all", "{"])
      expect(linesOf(`${line}\n${next}`)).toEqual(["github-token 1"]);
    expect(
      linesOf(
        `${base64(signs(60))} ${Buffer.from([1, 2, 3, ...Buffer.alloc(60, 7)]).toString("base64")}`,
      ),
    ).toEqual([]);
    expect(linesOf(`${base64(`${TOKEN} `)}x`)).toEqual(["github-token 1"]);
  });
});

describe("known secrets", () => {
  it("a single line of one with many is enough, but not the marks of a key", () => {
    const value = `-----BEGIN THING-----\n${signs(40)}\nshort\n`;
    const mine = { known: known(value) };
    expect(find(file(signs(40)), mine).blocking).toHaveLength(1);
    expect(all(find(file("-----BEGIN THING-----\nshort\n"), mine))).toEqual([]);
  });

  it("short and harmless values are not looked for", () => {
    for (const value of ["", "short", "  abcdefg ", "aaaaaaaaaa", "localhost", "Postgres"])
      expect(all(find(file(`x ${value} y`), { known: known(value) })), value).toEqual([]);
  });

  it("are told with the name of where they come from, instead of what they look like", () => {
    expect(
      find(file(`token = "${TOKEN}"`), { known: known(TOKEN, "MY_TOKEN") }).blocking,
    ).toMatchObject([
      { rule: "known-secret", title: "value of MY_TOKEN", preview: "*** (40 characters)" },
    ]);
  });

  it("are taken from an environment by name, and out of addresses", () => {
    const env = {
      GITHUB_TOKEN: "one",
      npm_config__auth: "two",
      DATABASE_URL: "postgres://a:three@db/x",
      SSH_AUTH_SOCK: "/tmp/agent",
      GIT_ASKPASS: "/usr/bin/ask",
      TOKEN_URL: "https://a",
      PATH: "/bin",
      PWD: "/home",
      DB_PWD_SECRET: undefined,
    };
    expect(secretsOfEnvironment(env)).toEqual([
      { name: "GITHUB_TOKEN", value: "one" },
      { name: "npm_config__auth", value: "two" },
      { name: "DATABASE_URL", value: "three" },
      { name: "DB_PWD_SECRET", value: "" },
    ]);
  });
});

describe("a diff of git", () => {
  const diff = (...lines: readonly string[]): string => `${lines.join("\n")}\n`;

  it("gives names, and the new side of each part with which lines are new", () => {
    const text = diff(
      "diff --git a/src/a.ts b/src/a.ts",
      "index 1234567..89abcde 100644",
      "--- a/src/a.ts",
      "+++ b/src/a.ts",
      "@@ -1,3 +1,3 @@ function a() {",
      " one",
      "-two",
      "+++ two",
      " three",
      "@@ -10 +10,2 @@",
      " ten",
      "+diff --git a/b b/b",
      "\\ No newline at end of file",
      "@@ -20,2 +21,2 @@",
      " kept",
      "--- gone",
      "\\ No newline at end of file",
      "+new",
    );
    expect(diffTexts(text)).toEqual({
      texts: [
        { where: { kind: "file-name" }, text: "src/a.ts" },
        {
          where: { kind: "file", path: "src/a.ts", line: 1 },
          text: "one\n++ two\nthree",
          added: new Set([2]),
        },
        {
          where: { kind: "file", path: "src/a.ts", line: 10 },
          text: "ten\ndiff --git a/b b/b",
          added: new Set([11]),
        },
        {
          where: { kind: "file", path: "src/a.ts", line: 21 },
          text: "kept\nnew",
          added: new Set([22]),
        },
      ],
      unread: [],
    });
  });

  it("tells new, renamed, deleted, empty, odd and binary files apart", () => {
    const text = diff(
      "diff --git a/new b/new",
      "new file mode 100644",
      "index 0000000..1234567",
      "--- /dev/null",
      "+++ b/new",
      "@@ -0,0 +1 @@",
      "+only",
      "diff --git a/old name b/another name",
      "similarity index 100%",
      "rename from old name",
      "rename to another name",
      "diff --git a/gone b/gone",
      "deleted file mode 100644",
      "index 1234567..0000000",
      "--- a/gone",
      "+++ /dev/null",
      "@@ -1 +0,0 @@",
      "-was",
      "diff --git a/gone.bin b/gone.bin",
      "deleted file mode 100644",
      "Binary files a/gone.bin and /dev/null differ",
      'diff --git "a/\\303\\244 \\"\\t\\\\x" "b/\\303\\244 \\"\\t\\\\x"',
      "new file mode 100644",
      'Binary files /dev/null and "b/\\303\\244 \\"\\t\\\\x" differ',
      "diff --git a/empty b/empty",
      "new file mode 100644",
      "index 0000000..e69de29",
    );
    const { texts, unread } = diffTexts(text);
    expect(texts.map((each) => (each.where.kind === "file" ? each.where.path : each.text))).toEqual(
      ["new", "new", "another name", 'ä "\t\\x', "empty"],
    );
    expect(unread).toEqual(['ä "\t\\x']);
  });

  it("of hostile text never throws, and is read as far as it goes", () => {
    const part = fc.constantFrom(
      "diff --git ",
      "a/x b/x",
      '"a/\\',
      "\n",
      "@@ -1,9 +1,99999999 @@",
      "@@ -0,0 +1 @@",
      "+",
      "-",
      "\\",
      "Binary files ",
      "x",
      "rename to ",
      "deleted file mode ",
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        find(diffTexts(parts.join("")).texts);
      }),
    );
    const cut = diffTexts(`diff --git a/x b/x\n@@ -0,0 +1,50 @@\n+${TOKEN}`);
    expect(all(find(cut.texts))).toHaveLength(1);
  });
});

describe("what a person is told", () => {
  it("sentences, the gravest first, with what to do", () => {
    const found = find([
      file(
        `a = "${TOKEN}";\nb = "${TOKEN.slice(0, -2)}zz"; // sleepless:allow-secret`,
        "src/\u001b[2Ja\n.ts",
      ),
      { where: { kind: "file-name" }, text: `${TOKEN}.json` },
      { where: { kind: "message" }, text: TOKEN },
      { where: { kind: "pull-request" }, text: TOKEN },
      file('password: "Winter2024!" # sleepless:allow-secret', "a.yml"),
      { where: { kind: "file-name" }, text: ".sleepless-secrets.baseline" },
    ]);
    const shown = describeFindings(found).map((line) => line.replace(/@[0-9a-f]{20}\]/u, "]"));
    expect(shown).toEqual([
      "Held back: GitHub token in src/a .ts, line 1: ghp_*** (40 characters) [github-token].",
      "Held back: GitHub token in the name of ***.json: ghp_*** (40 characters) [github-token].",
      "Held back: GitHub token in a commit message: ghp_*** (40 characters) [github-token].",
      "Held back: GitHub token in the text of the pull request: ghp_*** (40 characters) [github-token].",
      "Take them out of the change, or, for what is no secret, add what stands in brackets to .sleepless-secrets.baseline on the base branch.",
      "Look at: GitHub token in src/a .ts, line 2: ghp_*** (40 characters), allowed by a comment on its line [github-token].",
      "Look at: change of what counts as no secret in the name of .sleepless-secrets.baseline [baseline-changed].",
      "1 allowed by the baseline or a comment.",
    ]);
  });

  it("nothing for nothing; another advice for the daemon's own", () => {
    expect(describeFindings(find(file("nothing")))).toEqual([]);
    const own = describeFindings(find(file("my own value"), { known: known("my own value") }));
    expect(own[1]).toBe("Take them out of the change; a secret of the daemon itself never leaves.");
  });

  it("some of many, and how many more", () => {
    const finding = all(find(file(TOKEN)))[0] as SecretFinding;
    const warnings = Array.from({ length: 25 }, () => ({ ...finding, line: null }));
    const many: SecretFindings = { blocking: warnings, warnings, allowed: [] };
    const shown = describeFindings(many);
    expect(shown).toHaveLength(43);
    expect(shown[0]).toContain("GitHub token in src/a.ts: ");
    expect([shown[20], shown[42]]).toEqual([
      "And 5 more that hold back.",
      "And 5 more to look at.",
    ]);
  });
});
