import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { describeFindings } from "../../../src/core/secrets/describe.ts";
import { fileText } from "../../../src/core/secrets/file-texts.ts";
import { fingerprintOf } from "../../../src/core/secrets/fingerprint.ts";
import { FINDINGS_MAX } from "../../../src/core/secrets/find.ts";
import type { SecretFinding } from "../../../src/core/secrets/finding.ts";
import { SECRET_RULES } from "../../../src/core/secrets/scan.ts";
import { all, file, find, githubToken, hash, known, signs } from "./secrets-samples.ts";

const TOKEN = githubToken();

describe("a finding", () => {
  it("says what, where and how much it matters, and never the secret", () => {
    const [finding, ...rest] = find(file(`one\nconst a = "${TOKEN}";\n`)).blocking;
    expect(rest).toEqual([]);
    expect(finding).toEqual({
      rule: "github-token",
      title: "GitHub token",
      severity: "block",
      kind: "file",
      path: "src/a.ts",
      line: 2,
      fingerprint: `github-token@${hash(`github-token\0src/a.ts\0${TOKEN}`).slice(0, 20)}`,
      preview: "ghp_*** (40 characters)",
      allowedBy: null,
    });
  });

  it("has lines in files only, counted from where the text begins", () => {
    const text = `\n${TOKEN}`;
    const where = { kind: "file", path: "a", line: 40 } as const;
    expect(find({ where, text }).blocking.map(({ line }) => line)).toEqual([41]);
    for (const kind of ["message", "pull-request"] as const) {
      const [finding] = find({ where: { kind }, text }).blocking;
      expect(finding).toMatchObject({ kind, path: null, line: null });
    }
  });

  it("keeps its fingerprint on another line, and has another in another file", () => {
    const [a] = find(file(TOKEN)).blocking;
    const [b] = find(file(`\n\n${TOKEN}`)).blocking;
    const [c] = find(file(TOKEN, "b.ts")).blocking;
    expect(b?.fingerprint).toBe(a?.fingerprint);
    expect(c?.fingerprint).not.toBe(a?.fingerprint);
  });

  it("hides secrets in the name of a file, in every finding about it", () => {
    const path = `backup/${TOKEN}.txt`;
    const texts = [file(`${TOKEN}\n`, path), { where: { kind: "file-name" } as const, text: path }];
    expect(all(find(texts)).map((each) => [each.kind, each.path])).toEqual([
      ["file", "backup/***.txt"],
      ["file-name", "backup/***.txt"],
    ]);
  });

  it("hides the longer of two secrets that begin alike", () => {
    const long = `${TOKEN}1`;
    const texts = [file(`${TOKEN} `, `${long}/${TOKEN}`), file(`${long}\n`, `x`)];
    expect(all(find(texts)).map(({ path }) => path)).toEqual(["***/***", "x"]);
  });
});

describe("only what is new counts", () => {
  const text = `const old = "${TOKEN}";\nconst a = 1;\n`;

  it("a secret on a line that was there is not told", () => {
    const where = { kind: "file", path: "a.ts", line: 10 } as const;
    expect(all(find({ where, text, added: new Set([11]) }))).toEqual([]);
    expect(all(find({ where, text, added: new Set([10]) }))).toHaveLength(1);
  });

  it("a secret of many lines is told when one of them is new", () => {
    const body = Array.from({ length: 5 }, (_, at) => signs(64 - at)).join("\n");
    const key = `${["-----BEGIN", "PRIVATE KEY-----"].join(" ")}\n${body}`;
    expect(all(find({ ...file(key, "k"), added: new Set([2]) }))).toHaveLength(1);
    expect(all(find({ ...file(key, "k"), added: new Set([9]) }))).toEqual([]);
  });
});

describe("who may allow", () => {
  const MARK = "sleepless:allow-secret";

  it("a comment on the line makes a finding a warning, never silent", () => {
    const found = find(file(`a = "${TOKEN}"; // ${MARK}\nb = 1;\nc = "${TOKEN}";`));
    expect(found.blocking.map(({ line }) => line)).toEqual([3]);
    expect(found.warnings).toMatchObject([{ line: 1, severity: "block", allowedBy: "comment" }]);
    expect(found.allowed).toEqual([]);
  });

  it("a comment allows what is a warning anyway", () => {
    const found = find(file(`password: "Winter2024!" # ${MARK}`, "a.yml"));
    expect(found).toMatchObject({
      blocking: [],
      warnings: [],
      allowed: [{ allowedBy: "comment" }],
    });
  });

  it("a message allows nothing", () => {
    const text = `${TOKEN} ${MARK}`;
    expect(find({ where: { kind: "message" }, text }).blocking).toHaveLength(1);
  });

  it("the baseline of the base branch allows a fingerprint", () => {
    const [finding] = find(file(TOKEN)).blocking;
    const baseline = `# known\n\n  ${finding?.fingerprint}  not ours # really\nother:1\n`;
    expect(find(file(TOKEN), { baseline })).toMatchObject({
      blocking: [],
      warnings: [],
      allowed: [{ allowedBy: "baseline" }],
    });
    expect(find(file(TOKEN), { baseline: `#${finding?.fingerprint}` }).blocking).toHaveLength(1);
  });

  it("nobody allows a secret of the daemon", () => {
    const value = "a secret value";
    const text = `${value} ${MARK}`;
    const first = find(file(text), { known: known(value) });
    expect(first.blocking).toMatchObject([{ rule: "known-secret", allowedBy: null }]);
    const baseline = first.blocking[0]?.fingerprint as string;
    expect(find(file(text), { known: known(value), baseline }).blocking).toEqual(first.blocking);
    // The fingerprint is no hash of the value, which somebody could try to guess.
    const other = find(file("another value"), { known: known("another value") }).blocking[0];
    expect(other?.fingerprint).toBe(baseline);
  });

  it("a list of fingerprints is not taken for a list of secrets", () => {
    const rules = ["private-key", "github-token", "assigned-secret", "gitleaks/generic-api-key"];
    const lines = rules.map((rule) => fingerprintOf(hash, rule, "a", signs(20)));
    expect(all(find(file(lines.join("\n"), ".sleepless-secrets.baseline")))).toEqual([]);
  });

  it("a change of the baseline itself is told", () => {
    const text = ".sleepless-secrets.baseline";
    expect(find({ where: { kind: "file-name" }, text }).warnings).toMatchObject([
      { rule: "baseline-changed", path: text, line: null, preview: "" },
    ]);
    expect(all(find({ where: { kind: "file-name" }, text: "a" }))).toEqual([]);
  });
});

describe("another scanner's findings", () => {
  const other: SecretFinding = {
    rule: "gitleaks/some-key",
    title: "some key",
    severity: "block",
    kind: "file",
    path: "src/a.ts",
    line: 1,
    fingerprint: "gitleaks/some-key:1",
    preview: "*** (9 characters)",
    allowedBy: null,
  };

  it("are told beside our own, but for the same line", () => {
    const others = [other, { ...other, line: 2 }];
    const found = find(file(TOKEN), { others });
    expect(found.blocking.map(({ rule, line }) => `${rule} ${line}`)).toEqual([
      "github-token 1",
      "gitleaks/some-key 2",
    ]);
  });

  it("obey the baseline, keep their comment, and hide secrets in names", () => {
    const others: readonly SecretFinding[] = [
      other,
      { ...other, fingerprint: "x:2", path: `a/${TOKEN}`, allowedBy: "comment" },
    ];
    const found = find(file(TOKEN, "b"), { others, baseline: "gitleaks/some-key:1" });
    expect(found.allowed).toEqual([{ ...other, allowedBy: "baseline" }]);
    expect(found.warnings).toMatchObject([{ path: "a/***", allowedBy: "comment" }]);
  });
});

describe("whatever the text is", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.string({ unit: "grapheme", maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          "password",
          "token",
          "api_key",
          '"',
          "'",
          "=",
          ": ",
          "\\",
          "\n",
          " ",
          "://",
          "@",
          ":",
          "ghp_",
          "eyJ",
          ".",
          "-----BEGIN ",
          "PRIVATE KEY-----",
          TOKEN,
          "Winter2024!",
          "bearer ",
          "basic ",
          "\0",
          "+",
          "sleepless:allow-secret",
          "value",
          "curl ",
          "-u a:",
          signs(40),
        ),
        { maxLength: 40 },
      )
      .map((parts) => parts.join("")),
  );

  it("it never throws, and no finding holds a token that is in it", () => {
    const secret = fc.constantFrom(TOKEN, `AKIA${signs(16, "K7QZ2MXW9RBT4VLP")}`);
    fc.assert(
      fc.property(anything, secret, anything, anything, (before, token, after, path) => {
        const texts = [file(`${before} ${token} ${after}`, `${path}/${token}`)];
        const found = find(texts);
        expect(JSON.stringify(all(found))).not.toContain(token);
        expect(describeFindings(found).join("\n")).not.toContain(token);
      }),
      { numRuns: 300 },
    );
  });

  it("a known secret is found in every form, and not shown", () => {
    const value = fc
      .string({ unit: "grapheme", minLength: 8, maxLength: 40 })
      .filter(
        (text) => text.trim().length >= 8 && new Set(text.trim()).size > 3 && !/\n/u.test(text),
      );
    const form = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => JSON.stringify(text),
      (text) => encodeURIComponent(text),
      (text) => Buffer.from(text).toString("hex"),
      (text) => Buffer.from(text).toString("hex").toUpperCase(),
      (text) => Buffer.from(text).toString("base64"),
      (text) => Buffer.from(`x${text}`).toString("base64url"),
      (text) => Buffer.from(`xy${text}zzz`).toString("base64"),
      (text) =>
        Array.from(Buffer.from(text), (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    );
    fc.assert(
      fc.property(value, form, anything, (text, write, around) => {
        const trimmed = text.trim();
        const found = find(file(`${around}\n${write(trimmed)}\n${around}`, "a"), {
          known: known(trimmed),
        });
        const own = found.blocking.filter(({ rule }) => rule === "known-secret");
        expect(own.length).toBeGreaterThan(0);
        expect(own.map(({ preview }) => preview).join("")).not.toContain(trimmed);
      }),
      { numRuns: 300 },
    );
  });
});

describe("the work is bounded", () => {
  it("no rule repeats without a bound, nor a repetition many times", () => {
    for (const { id, pattern } of SECRET_RULES) {
      const outside = pattern.source.replace(/\\.|\[(?:\\.|[^\]])*\]/gu, "x");
      expect(outside, id).not.toMatch(/[*+]|\{\d+,\}/u);
      for (const [, , most] of outside.matchAll(/\)\{(\d+),(\d+)\}/gu)) {
        expect(Number(most), id).toBeLessThanOrEqual(200);
      }
    }
  });

  /** How often an expression is tried on a text. */
  function triesOn(text: string): number {
    const spy = vi.spyOn(RegExp.prototype, "exec");
    try {
      find(file(text, "a.yml"), { known: known("some known value") });
      return spy.mock.calls.length;
    } finally {
      spy.mockRestore();
    }
  }

  it.each([
    ["ghp_"],
    ["password="],
    ['token = "'],
    ["://a:"],
    ["-----BEGIN "],
    ["eyJ"],
    ["secret"],
    ['"+\n"'],
    ["\\\n"],
    ["bearer "],
    ["aGVsbG8gd29ybGQgaGVsbG8gd29ybGQ "],
    ["\0"],
    ["a"],
  ])("twice as much of %j is at most twice the work", (unit) => {
    const [half, whole] = [triesOn(unit.repeat(1000)), triesOn(unit.repeat(2000))];
    expect(whole).toBeLessThanOrEqual(2 * half + 20);
  });

  it("one line of a megabyte, a key of two, and ten thousand hits come to an end", () => {
    const key = `${["-----BEGIN", "RSA PRIVATE KEY-----"].join(" ")}\n${`${signs(64)}\n`.repeat(31_000)}`;
    expect(find(file(key, "k")).blocking.map(({ rule }) => rule)).toEqual(["private-key"]);
    expect(all(find(file(`x ${"token secret ".repeat(80_000)}`)))).toEqual([]);
    const many = Array.from({ length: 10_000 }, (_, at) =>
      `${TOKEN.slice(0, -4)}${1000 + at}`.slice(0, 40),
    );
    const found = find([file(many.join("\n")), file(TOKEN, "later.ts")]).blocking;
    expect(found.length).toBeLessThanOrEqual(FINDINGS_MAX + 1);
    expect(found.at(-1)).toMatchObject({ rule: "too-many", path: "src/a.ts", line: null });
  });

  it("also when many rules claim the same characters", () => {
    const found = find(file(`token = "${TOKEN}";\n`.repeat(1100))).blocking;
    expect([found.length, found.at(-1)?.rule]).toEqual([1101, "too-many"]);
  });

  it("as many known secrets do, too", () => {
    const found = find(file("known value ".repeat(5000)), { known: known("known value") }).blocking;
    expect(found.at(-1)?.rule).toBe("too-many");
  });
});

describe("whole files of any bytes", () => {
  it("a token in UTF-16 and in a program is found", () => {
    const wide = Buffer.from(`\ufeffkey = ${TOKEN}\r\n`, "utf16le");
    const program = Buffer.concat([Buffer.from([0x7f, 0xff, 0, 1]), Buffer.from(`${TOKEN}\0`)]);
    for (const bytes of [wide, wide.swap16(), program]) {
      const [finding] = find(fileText("a.bin", bytes)).blocking;
      expect(finding).toMatchObject({ rule: "github-token", path: "a.bin", line: 1 });
    }
  });
});
