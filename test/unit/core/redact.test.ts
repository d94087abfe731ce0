import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeRedactor } from "../../../src/core/redact.ts";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

describe("known values", () => {
  const SECRET = "p@ss w/ör+d?";
  const redact = makeRedactor([SECRET]);

  it("are replaced wherever they stand", () => {
    expect(redact(`a ${SECRET}b${SECRET}`)).toBe("a [redacted]b[redacted]");
    expect(redact("nothing here")).toBe("nothing here");
  });

  it("are replaced when they are encoded for an address or for JSON", () => {
    expect(redact(`?key=${encodeURIComponent(SECRET)}&x`)).toBe("?key=[redacted]&x");
    expect(redact("?key=p%40ss%20w%2f%c3%b6r%2bd%3f&x")).toBe("?key=[redacted]&x");
    const quoted = makeRedactor(['a"secret\nof two']);
    expect(quoted(JSON.stringify({ key: 'a"secret\nof two' }))).toBe('{"key":"[redacted]"}');
  });

  it.each(["", "a", "ab", "user:", "x-access-token:"])(
    "are replaced in base64 behind %j",
    (before) => {
      for (const after of ["", "z", "zz", "zzz"]) {
        const standard = base64(before + SECRET + after);
        const shown = redact(`Basic ${standard}`);
        expect(shown).toContain("[redacted]");
        // What is left are the neighbours, with at most one character that both share.
        expect(Buffer.from(shown.slice(6).split("[redacted]")[0] ?? "", "base64").toString()).toBe(
          before,
        );
        const forAddresses = standard.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
        expect(redact(forAddresses)).toContain("[redacted]");
      }
    },
  );

  it("keep every sign they are made of, even those that mean something in a pattern", () => {
    for (const sign of String.raw`\^$.*+?()[]{}|/-#&~!@%,:;<>='"` + "`") {
      const value = `begin${sign}end`;
      const own = makeRedactor([value]);
      expect(own(`a ${value} b`)).toBe("a [redacted] b");
      expect(own("a beginxend b beginend")).toBe("a beginxend b beginend");
    }
  });

  it("are left alone when they are too short to be a secret", () => {
    expect(makeRedactor(["", "abcde", "  abcde  "])("abcde")).toBe("abcde");
    expect(makeRedactor(["abcdef"])("abcdef")).toBe("[redacted]");
    expect(makeRedactor([" abcdef\n"])("abcdef")).toBe("[redacted]");
  });

  it("are replaced whole where one begins with another", () => {
    const both = makeRedactor(["secret-1", "secret-1-long"]);
    expect(both("secret-1-long secret-1")).toBe("[redacted] [redacted]");
  });

  it("are never looked for in what stands in their place", () => {
    expect(makeRedactor(["redacted", "secret-1"])("secret-1 redacted")).toBe(
      "[redacted] [redacted]",
    );
  });

  it("of several lines are replaced line by line too", () => {
    const own = makeRedactor(["first-line-of-sixteen\r\nshort\n0123456789abcdef\n0123456789abcde"]);
    expect(own("first-line-of-sixteen")).toBe("[redacted]");
    expect(own("x 0123456789abcdef")).toBe("x [redacted]");
    expect(makeRedactor(["key:\n    0123456789abcdef  "])("0123456789abcdef")).toBe("[redacted]");
    expect(makeRedactor(["key:\n 0123456789abcde"])("0123456789abcde")).toBe("0123456789abcde");
    expect(own("short 0123456789abcde")).toBe("short 0123456789abcde");
  });

  it("that are broken text do no harm", () => {
    expect(makeRedactor(["secret\ud800"])("a secret\ud800")).toBe("a [redacted]");
  });

  it("are replaced in both alphabets of base64", () => {
    // Nine bytes make twelve characters, with both signs in which the alphabets differ.
    const own = makeRedactor(["??>>~~??>"]);
    expect(base64("??>>~~??>")).toBe("Pz8+Pn5+Pz8+");
    expect(own("Pz8+Pn5+Pz8+ Pz8-Pn5-Pz8-")).toBe("[redacted] [redacted]");
    const slashes = makeRedactor(["???????"]);
    expect(base64("???????")).toBe("Pz8/Pz8/Pw==");
    expect(slashes("Pz8/Pz8/P Pz8_Pz8_P")).toBe("[redacted] [redacted]");
  });

  it("may be none at all, then no word is taken for one", () => {
    expect(makeRedactor([])("null and undefined")).toBe("null and undefined");
  });

  it("of any kind never come through, in any of their forms", () => {
    const value = fc
      .string({ unit: "grapheme", minLength: 6 })
      .filter((text) => text.trim().length >= 6);
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
        const own = makeRedactor([secret]);
        const plain = secret.trim();
        const forms = [plain, encodeURIComponent(plain), base64(plain).replace(/.=+$/u, "")];
        for (const form of forms) expect(own(`${before}|${form}|${after}`)).toContain("[redacted]");
      }),
    );
  });
});

describe("what looks like a token", () => {
  const redact = makeRedactor([]);
  const body = "Ab3".repeat(12);

  it.each([
    `xoxb-123456789012-${body}`,
    `xoxp-${body}`,
    `xoxa-2-${body}`,
    `xoxe.xoxp-1-${body}`,
    `xapp-1-A012-${body}`,
    `sk-ant-api03-${body}-_${body}`,
    `ghp_${body}`,
    `gho_${body}`,
    `ghu_${body}`,
    `ghs_${body}`,
    `ghr_${body}`,
    `github_pat_11ABC_${body}`,
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.s3-_gnature",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxMjM0In0.",
    "eyJhbGciOi.eyJzdW.",
  ])("is replaced: %s", (token) => {
    expect(redact(`a ${token}`)).toBe("a [redacted]");
    expect(redact(`token=${token};`)).toBe("token=[redacted];");
    expect(redact(`\\n${token} z ${token}`)).toBe("\\n[redacted] z [redacted]");
  });

  it.each([
    "xoxb-short",
    "box-office",
    "xapp-1",
    "sk-ant-",
    "ghp_short",
    "github_pat_short",
    "AKIA0123",
    "akiaiosfodnn7example",
    "eyJhbGciOiJIUzI1NiJ9",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0",
    "eyJx.yes.no",
    "eyJhbGciOi.ab.cd",
    "keyJury.is.out",
    "eyJhbGciO.eyJzdWIiOiIx.sig",
    "eyJhbGciOi.eyJzd.sig",
  ])("is left alone: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("is replaced up to the length that tokens have", () => {
    expect(redact(`ghp_${"a".repeat(512)}`)).toBe("[redacted]");
    expect(redact(`sk-ant-${"a".repeat(514)}`)).toBe("[redacted]aa");
  });

  it("is found although something else stood before it in the same run", () => {
    expect(redact(`eyJ-ghp_${body}`)).toBe("eyJ-[redacted]");
    const known = makeRedactor(["my-secret"]);
    expect(known("eyJ-my-secret")).toBe("eyJ-[redacted]");
  });
});

describe("a private key", () => {
  const redact = makeRedactor([]);
  const lines = "MIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC/+==\n";

  it.each(["", "RSA ", "EC ", "OPENSSH ", "ENCRYPTED "])("of kind %j is replaced", (kind) => {
    const key = `-----BEGIN ${kind}PRIVATE KEY-----\n${lines}-----END ${kind}PRIVATE KEY-----`;
    expect(redact(`a\n${key}\nb`)).toBe("a\n[redacted]\nb");
    expect(redact(JSON.stringify({ key }))).toBe('{"key":"[redacted]"}');
  });

  it("with headers, or of PGP, is replaced", () => {
    const headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\n";
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${headers}${lines}-----END RSA PRIVATE KEY-----`;
    expect(redact(`${key}\nb`)).toBe("[redacted]\nb");
    const pgp = `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${lines}-----END PGP PRIVATE KEY BLOCK-----`;
    expect(redact(`${pgp}\nb`)).toBe("[redacted]\nb");
  });

  it("that was cut is replaced as far as it goes", () => {
    expect(redact(`a -----BEGIN PRIVATE KEY-----\n${lines}`)).toBe("a [redacted]");
    const two = `-----BEGIN PRIVATE KEY-----\n${lines}`.repeat(2);
    expect(redact(two)).toBe("[redacted][redacted]");
  });

  it("is told from a public one", () => {
    const key = `-----BEGIN PUBLIC KEY-----\n${lines}-----END PUBLIC KEY-----`;
    expect(redact(key)).toBe(key);
  });
});

it.each([
  ["eyJ", ""],
  [".", "eyJ"],
  [".a", "eyJ"],
  ["eyJ.", ""],
  ["a", "sk-ant-"],
  ["a", "-----BEGIN PRIVATE KEY-----"],
  ["a-", "-----BEGIN PRIVATE KEY-----"],
  ["-----BEGIN PRIVATE KEY-----", ""],
  ["my-secre", ""],
])("takes a hostile megabyte of %j behind %j without complaint", (unit, before) => {
  const redact = makeRedactor(["my-secret"]);
  const shown = redact(`${before}${unit.repeat(1e6 / unit.length)} my-secret`);
  // Booleans, because a failure must not print the megabyte.
  expect([shown.includes("[redacted]"), shown.includes("my-secret")]).toEqual([true, false]);
});
