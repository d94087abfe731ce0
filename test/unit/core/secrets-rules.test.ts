import { describe, expect, it } from "vitest";
import { entropyBits } from "../../../src/core/secrets/entropy.ts";
import { isPlaceholder, isStandIn } from "../../../src/core/secrets/placeholders.ts";
import { SECRET_RULES } from "../../../src/core/secrets/scan.ts";
import { looksLikeWords } from "../../../src/core/secrets/words.ts";
import { githubToken, HEX_SIGNS, rulesIn, signs } from "./secrets-samples.ts";

const hex = (length: number): string => signs(length, HEX_SIGNS);
const digits = (length: number): string => signs(length, "7319402856");
const capitals = (length: number): string => signs(length, "K7QZ2MXW4RBTVLPN3");
const uuid = [8, 4, 4, 4, 12].map((length) => hex(length)).join("-");

describe("every vendor's token is known by its shape", () => {
  it.each([
    ["aws-access-key-id", "AKI", `A${capitals(16)}`],
    ["google-api-key", "AI", `za${signs(35)}`],
    ["azure-client-secret", `${signs(3)}8Q`, `~${signs(34)}`],
    ["azure-devops-token", signs(76), `AZDO${signs(4)}`],
    ["github-fine-grained-token", "github", `_pat_${signs(22)}_${signs(59)}`],
    ["gitlab-token", "glp", `at-${signs(20)}`],
    ["slack-token", "xox", `b-${digits(12)}-${digits(12)}-${signs(24)}`],
    ["slack-webhook", "hooks.slack", `.com/services/T${capitals(9)}/B${capitals(9)}/${signs(24)}`],
    ["stripe-key", "sk_li", `ve_${signs(24)}`],
    ["npm-token", "np", `m_${signs(36)}`],
    ["anthropic-key", "sk-a", `nt-api03-${signs(95)}`],
    ["openai-key", "sk-p", `roj-${signs(80)}`],
    ["openai-old-key", "s", `k-${signs(48)}`],
    ["telegram-token", digits(10), `:AA${signs(33)}`],
    ["mailchimp-key", hex(32), "-us14"],
    ["sendgrid-key", "S", `G.${signs(22)}.${signs(43)}`],
    ["terraform-token", signs(14), `.atlasv1.${signs(65)}`],
  ])("%s", (rule, begin, rest) => {
    const token = begin + rest;
    expect(rulesIn(`value: "${token}"`)).toEqual([`${rule} block`]);
    // Escapes of a text around it do not hide it, letters and digits do.
    expect(rulesIn(String.raw`"a\n${token}\n"`)).toEqual([`${rule} block`]);
    expect(rulesIn(`u=%3D${token}%20`)).toEqual([`${rule} block`]);
  });

  it.each([
    ["a longer word", `x${githubToken()}`],
    ["a token that goes on", `AKIA${capitals(40)}`],
    ["repeated signs", `ghp_${"x".repeat(36)}`],
    ["a row of signs", ["ghp_", "abcdefghijklmnopqrstuvwxyz0123456789"].join("")],
    ["a telling word", ["AKIA", "K7QZ2MXWEXAMPLE4"].join("")],
    ["few signs", `AKIA${"ABAB".repeat(4)}`],
    ["a middle that does not fit", `${"f".repeat(32)}-us14`],
  ])("not %s", (_what, text) => {
    expect(rulesIn(text)).toEqual([]);
  });

  it("a key for tests is a warning", () => {
    expect(rulesIn(`sk_test_${signs(24)}`)).toEqual(["stripe-test-key warn"]);
  });

  it("of two rules for the same characters the more exact is told", () => {
    expect(rulesIn(`token = "${githubToken()}"`)).toEqual(["github-token block"]);
    expect(rulesIn(`const a = { b: "bearer ${githubToken()}" }`)).toEqual(["github-token block"]);
  });

  it("no two rules have the same name", () => {
    expect(new Set(SECRET_RULES.map(({ id }) => id)).size).toBe(SECRET_RULES.length);
  });
});

describe("private keys", () => {
  const key = (kind: string, body: string, around = "\n"): string =>
    [`-----BEGIN ${kind}PRIVATE `, `KEY-----${around}${body}${around}`].join("");

  it.each([
    ["as it is", key("", signs(64)), "deploy/id", "block"],
    ["in a text of JSON", JSON.stringify(key("RSA ", signs(64))), "a.json", "block"],
    ["split into strings", key("EC ", signs(64), '" +\n  "'), "a.ts", "block"],
    ["with a header", key("RSA ", `Proc-Type: 4,ENCRYPTED\n\n${signs(64)}`), "id", "block"],
    ["locked with a password", key("ENCRYPTED ", signs(64)), "id", "warn"],
    ["of a test", key("", signs(64)), "test/fixtures/server.key", "warn"],
  ])("%s", (_what, text, path, severity) => {
    expect(rulesIn(text, path)).toEqual([`private-key ${severity}`]);
  });

  it("not without a body, nor with one that is none", () => {
    for (const body of ["...", "<your key>", "A".repeat(64), `${signs(20)}EXAMPLE${signs(37)}`])
      expect(rulesIn(key("", body), "id")).toEqual([]);
  });

  it("of PuTTY, when it has no password", () => {
    const putty = (lock: string): string =>
      `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: ${lock}\n`;
    expect(rulesIn(putty("none"), "a.ppk")).toEqual(["putty-key block"]);
    expect(rulesIn(putty("aes256-cbc"), "a.ppk")).toEqual([]);
  });
});

describe("addresses, headers and commands", () => {
  const jwt = ["ey", `JhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3MzE5NDAifQ.${signs(43)}`].join("");
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
  const secret = signs(18);

  it.each([
    [`postgres://svc:${secret}@db.internal.net/a`, "address-with-password block"],
    [`https://svc:${secret}@api.internal.net/a`, "address-with-password block"],
    [`postgres://svc:${secret}@localhost/a`, "address-with-password warn"],
    [`https://${signs(30)}@git.internal.net/a`, "address-with-token block"],
    [`//packages.internal.net/:_authToken=${signs(36)}`, "npm-config-token block"],
    [`machine git.internal.net login ci password ${secret}`, "netrc-password block"],
    [`a = "${jwt}"`, "json-web-token block"],
    [`Authorization: Bearer ${signs(40)}`, "authorization-header block"],
    [`Authorization: ${basic(`ci:${secret}`)}`, "basic-credential block"],
    [`curl -u admin:${secret} https://a`, "command-line-password block"],
    [`tool --password=${secret}`, "command-line-password block"],
    [`sshpass -p ${secret} ssh a`, "command-line-password block"],
    [`CREATE USER a IDENTIFIED BY '${secret}'`, "sql-password block"],
    [`ENV DB_PASSWORD ${secret}`, "image-variable block"],
    [`- name: DB_PASSWORD\n  value: ${secret}`, "named-value block"],
    [`cs = "Server=a;Password=${secret};"`, "connection-password block"],
    [`twilio_auth = "${hex(32)}"`, "twilio-auth-token block"],
    [`HEROKU_API_KEY=${uuid}`, "heroku-key block"],
    [`aws_secret_access_key = ${signs(40)}`, "aws-secret-key block"],
  ])("%s", (text, found) => {
    expect(rulesIn(text, "run")).toEqual([found]);
  });

  it.each([
    "postgres://user:password@db.internal.net/a",
    "postgres://user:${PASSWORD}@db.internal.net/a",
    "https://some-words-of-a-long-host-name@git.internal.net/a",
    `https://${"x".repeat(30)}@git.internal.net/a`,
    "https://my_testing_token_1234567@git.internal.net/a",
    "//packages.internal.net/:_authToken=${NPM_TOKEN}",
    "//packages.internal.net/:_authToken=some-words-of-nothing",
    "machine git.internal.net login ci password changeme",
    "machine git.internal.net login ci password rememberthis",
    `a = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3MzE5NDAifQ.${"x".repeat(43)}"`,
    "Authorization: Bearer <token>",
    "Authorization: Bearer some-words-that-go-on-and-on",
    `Authorization: Bearer ${signs(40, "kQzmXwRbTvLpNcJhYdFs")}`,
    `Authorization: Bearer example${signs(30)}`,
    `Authorization: ${basic("user:password")}`,
    `Authorization: ${basic("user:some-words")}`,
    `Authorization: ${basic("no colon in it")}`,
    "Authorization: Basic aaaaaaaaaaaaa",
    "curl -u $USER:$PASSWORD https://a",
    "twilio_auth = 00000000000000000000000000000000",
    `twilio_auth = abcdefabcdefabdefacdebadceabfeda`,
    "linkedin = somewordstogether",
  ])("not %s", (text) => {
    expect(rulesIn(text, "run")).toEqual([]);
  });

  it("in tests and documents they are warnings", () => {
    for (const path of ["README.md", "test/a.ts", "src/a.spec.ts", "a_test.go", "app/ATest.java"])
      expect(rulesIn(`postgres://svc:${secret}@db.internal.net/a`, path)).toEqual([
        "address-with-password warn",
      ]);
  });
});

describe("assignments", () => {
  const strong = signs(24);

  it.each([
    [`const apiKey = "${strong}";`, "a.ts", "block"],
    [`apiKey: '${strong}'`, "a.js", "block"],
    [`password: string = "${strong}"`, "a.ts", "block"],
    [`{\\"secret\\": \\"${strong}\\"}`, "a.json", "block"],
    [`os.environ["TOKEN"] = "${strong}"`, "a.py", "block"],
    [`setPassword("${strong}")`, "A.java", "block"],
    [`login("password", "${strong}")`, "a.ts", "block"],
    [`TOKEN=${strong}`, ".env", "block"],
    [`  client_secret: ${strong}==`, "a.yml", "block"],
    [`<password>${strong}</password>`, "web.config", "block"],
    [`const apiKey = "${strong}";`, "test/a.ts", "warn"],
    [`password = "Winter2024!"`, "a.py", "warn"],
    [`password = "winter_2024"`, "a.py", "warn"],
    [`password = "${signs(12, "kQzmXwRbTvLpNcJhYdFs")}"`, "a.py", "block"],
    [`password = "#x9K${signs(8)}"`, "a.py", "block"],
    [`password = "a1k5bp2wy8"`, "a.py", "block"],
    [`dbPass: ${signs(12)}!`, "a.yml", "block"],
  ])("%s in %s", (text, path, severity) => {
    expect(rulesIn(text, path)).toEqual([`assigned-secret ${severity}`]);
  });

  it("outside of files, too", () => {
    expect(rulesIn(`password: ${strong}`, "NOTES")).toEqual(["assigned-secret block"]);
  });

  it.each([
    [`token = getToken(${strong})`, "a.ts"],
    [`token = ${strong}`, "a.ts"],
    [`login(password, ${strong})`, "run"],
    [`["bypass", "${strong}"]`, "a.ts"],
    [`["passControl", "${strong}"]`, "a.ts"],
    [`"passwordHash": "${strong}"`, "a.json"],
    [`TOKEN_URL=${strong}`, ".env"],
    [`tokens: "${strong}"`, "a.ts"],
    [`nextPageToken: "${strong}"`, "a.ts"],
    [`CSRF_TOKEN="${strong}"`, "a.sh"],
    [`publicAccessKey = "${strong}"`, "a.ts"],
    [`password: "with a space in it 1"`, "a.ts"],
    [`secret: "./secrets/database-1.json"`, "a.ts"],
    [`token: "${uuid}"`, "a.ts"],
    [`token: "0x${hex(40)}"`, "a.ts"],
    [`token: "sha256-${strong}"`, "a.ts"],
    [`token: "app.auth.token.v2"`, "a.ts"],
    [`password: "$\{DB_PASSWORD}"`, "a.ts"],
    [`password: "changeme"`, "a.ts"],
    [`password: "reset-password-form"`, "a.ts"],
    [`password: "short1!"`, "a.ts"],
    [`password: "12345!78901"`, "a.ts"],
    [`password: "aaaaaaxq1!"`, "a.ts"],
    [`password: "somewords"`, "a.ts"],
    [`password: "ALLCAPITALSXQ"`, "a.ts"],
    [`token: "Winter2024!"`, "a.ts"],
    [`token: "words-that-go-on-2024"`, "a.ts"],
    [`secret: "rows[index].value"`, "a.ts"],
    [`const secretKey = "${signs(20, "kQzmXwRbTvLpNcJhYdFs")}"`, "a.ts"],
  ])("not %s in %s", (text, path) => {
    expect(rulesIn(text, path)).toEqual([]);
  });
});

describe("measures", () => {
  it("entropy is in bits for each character", () => {
    expect(entropyBits("")).toBe(0);
    expect(entropyBits("aaaa")).toBe(0);
    expect(entropyBits("abab")).toBe(1);
    expect(entropyBits("abcd")).toBe(2);
  });

  it("words are told from chance", () => {
    for (const text of ["reset-password-link", "someConfigName", "DATABASE_PASSWORD", "a.b.client"])
      expect(looksLikeWords(text), text).toBe(true);
    for (const text of [signs(24), "1234-5678", "kXqZvWjR", "aBcDeFgHiJ", hex(32)])
      expect(looksLikeWords(text), text).toBe(false);
  });

  it("stand-ins and references are told", () => {
    for (const text of ["example", "xxxxxxxx", "87654321x", "abababab", "your-key"])
      expect(isStandIn(text), text).toBe(true);
    for (const text of [
      "process.env.TOKEN",
      "{{ a }}",
      "<token>",
      "MY_TOKEN_NAME",
      "test-1",
      "a(b)",
    ])
      expect([isStandIn(text), isPlaceholder(text)], text).toEqual([expect.any(Boolean), true]);
    expect(isPlaceholder(signs(20))).toBe(false);
  });
});
