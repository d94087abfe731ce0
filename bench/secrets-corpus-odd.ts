import { fileText } from "../src/core/secrets/file-texts.ts";
import { inside, type Pair } from "./secrets-pair.ts";
import { SURROUNDINGS } from "./secrets-surroundings.ts";
import { ALNUM, BASE64, type Chance, DIGITS, HEX, LOWER, tokenPairs } from "./secrets-tokens.ts";

/** Tokens split over lines, wrapped in base64, in UTF-16 and in binary files. */
export function disguises(chance: Chance): readonly Pair[] {
  const wide = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, "utf16le");
  const wrapped = (text: string): string =>
    (
      Buffer.from(text)
        .toString("base64")
        .match(/.{1,76}/gu) ?? []
    ).join("\n");
  const binary = (text: string): Uint8Array =>
    Buffer.concat([
      Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 0xff]),
      Buffer.from(text),
      Buffer.from([0, 0xfe]),
    ]);
  return tokenPairs(chance)
    .filter((_pair, index) => index % 3 === 0)
    .flatMap(({ secret, twin }, index): readonly Pair[] => {
      const pair = (family: string, path: string, write: (value: string) => string): Pair => ({
        family,
        positive: { where: { kind: "file", path }, text: write(secret) },
        line: 1,
        negative: { where: { kind: "file", path }, text: write(twin) },
      });
      const cut = Math.floor(secret.length / 2);
      const bytes = index % 2 === 0 ? wide : binary;
      return [
        pair(
          "split over lines",
          "src/a.ts",
          (v) => `const a = "${v.slice(0, cut)}" +\n  "${v.slice(cut)}";`,
        ),
        pair("split over lines", "run.sh", (v) => `A=${v.slice(0, cut)}\\\n${v.slice(cut)}`),
        pair(
          "base64",
          "values.yaml",
          (v) => `data: ${Buffer.from(`{"token":"${v}"}`).toString("base64")}`,
        ),
        pair("base64", "mail.eml", (v) =>
          wrapped(`Hello,\n\nplease use ${v} for the service and tell nobody about it.\n`),
        ),
        {
          family: "UTF-16 and binary",
          positive: fileText("export.reg", bytes(`token=${secret}`)),
          line: 1,
          negative: fileText("export.reg", bytes(`token=${twin}`)),
        },
      ];
    });
}

export function elsewhere(chance: Chance): readonly Pair[] {
  return tokenPairs(chance)
    .filter(({ secret }, index) => index % 4 === 0 && !secret.includes("/"))
    .flatMap(({ secret, twin }): readonly Pair[] => {
      const pair = (
        kind: "message" | "pull-request" | "file-name",
        write: (value: string) => string,
      ): Pair => ({
        family: "message, pull request, file name",
        positive: { where: { kind }, text: write(secret) },
        line: null,
        negative: { where: { kind }, text: write(twin) },
      });
      return [
        pair("message", (value) => `Try the service\n\nIt answers with ${value}.`),
        pair("pull-request", (value) => `## What\n\n* log in with \`${value}\``),
        pair("file-name", (value) => `backup/${value}.json`),
      ];
    });
}

/** The daemon's own secret in every form; the twins hold another value in the same form. */
export function knownForms(chance: Chance, value: string): readonly Pair[] {
  const forms: readonly ((text: string) => string)[] = [
    (text) => text,
    (text) => JSON.stringify(`${text}\n`),
    (text) => encodeURIComponent(text),
    (text) => encodeURIComponent(text).toLowerCase().replaceAll("%", "%"),
    (text) => new URLSearchParams({ q: text }).toString(),
    (text) => Buffer.from(text).toString("hex"),
    (text) => Buffer.from(text).toString("hex").toUpperCase(),
    (text) => Buffer.from(text).toString("base64"),
    (text) => Buffer.from(`a${text}`).toString("base64"),
    (text) => Buffer.from(`ab${text}c`).toString("base64"),
    (text) => Buffer.from(`user:${text}`).toString("base64url"),
    (text) => `"${text.slice(0, 9)}" +\n  "${text.slice(9)}"`,
  ];
  const other = `some words of no secret ${chance.signs(LOWER, 4)}`;
  return forms
    .filter((form) => form(value).toLowerCase() !== form(value) || form === forms[5])
    .flatMap((form) =>
      [0, 1].map((): Pair => {
        const { path, lines } = chance.pick(SURROUNDINGS);
        return inside(chance, "known secret", { path, lines }, form(value), form(other));
      }),
    );
}

/** Passwords where no name, or an unusual one, stands before them. */
export function oddPlaces(chance: Chance): readonly Pair[] {
  const strong = (): string => chance.signs(`${ALNUM}!#%`, 16);
  const makers: readonly (readonly [path: string, write: (value: string) => string])[] = [
    ["db/users.sql", (v) => `CREATE USER app WITH PASSWORD '${v}';`],
    ["db/users.sql", (v) => `ALTER USER app IDENTIFIED BY '${v}';`],
    ["Dockerfile", (v) => `ENV DB_PASSWORD ${v}`],
    ["run.sh", (v) => `sshpass -p '${v}' ssh host`],
    ["run.sh", (v) => `mysql -uroot -p${v} app`],
    ["src/db.ts", (v) => `connect("db.internal.net", "app", "${v}");`],
    ["src/db.ts", (v) => `pool.setPassword("${v}");`],
    ["src/Db.java", (v) => `ds.setPassword("${v}");`],
    ["conf/web.xml", (v) => `<password>${v}</password>`],
    ["conf/web.xml", (v) => `<add key="DbPassword" value="${v}" />`],
    ["src/Db.cs", (v) => `var cs = "Server=db;User Id=app;Password=${v};";`],
    ["deploy/a.yml", (v) => `- name: DB_PASSWORD\n  value: "${v}"`],
  ];
  return makers.flatMap(([path, write]) =>
    [0, 1].map((): Pair => {
      const pair = inside(
        chance,
        "odd place",
        { path, lines: () => [""] },
        write(strong()),
        write("changeme"),
      );
      // One that is written on two lines is on the second.
      const isSecond = write("").includes("\n");
      return isSecond ? Object.assign(pair, { line: (pair.line ?? 0) + 1 }) : pair;
    }),
  );
}

/** Names and values that look like those of secrets; beside a token in the same place. */
export function misleading(chance: Chance): readonly Pair[] {
  const uuid = [8, 4, 4, 4, 12].map((length) => chance.signs(HEX, length)).join("-");
  const twins: readonly (readonly [
    path: string,
    write: (value: string) => string,
    twin: string,
  ])[] = [
    ["src/chain.ts", (v) => `const token = "${v}";`, `0x${chance.signs(HEX, 40)}`],
    ["src/keys.ts", (v) => `const authTokenKey = "${v}";`, "app.auth.token.v2.2024"],
    ["src/i18n/en.json", (v) => `  "password": "${v}",`, "Password (at least 8 characters)"],
    ["src/i18n/de.json", (v) => `  "passwordHint": "${v}",`, "Mindestens-12-Zeichen-mit-Ziffern"],
    [
      "k8s/sa.yaml",
      (v) => `  secretName: ${v}`,
      `default-token-${chance.signs(LOWER + DIGITS, 5)}`,
    ],
    ["k8s/app.yaml", (v) => `  secret: ${v}`, `app-tls-${chance.signs(HEX, 10)}`],
    ["src/theme.ts", (v) => `  token: "${v}",`, "color-gray-500-hover-v2"],
    ["src/lexer.ts", (v) => `  { token: "${v}" },`, "TOKEN_STRING_LITERAL_2"],
    ["src/page.ts", (v) => `  nextToken: "${v}",`, chance.signs(BASE64, 40)],
    ["db/seed.ts", (v) => `  passwordHash: "${v}",`, `$2b$10$${chance.signs(ALNUM, 53)}`],
    ["db/seed.sql", (v) => `INSERT INTO t (token_id) VALUES ('${v}');`, uuid],
    [
      "src/css.ts",
      (v) => `  "tokenClass": "${v}",`,
      `css-${chance.signs(LOWER + DIGITS, 8)}-Token`,
    ],
    ["src/client.ts", (v) => `  token: "${v}",`, uuid],
    ["docs/api.md", (v) => `    "token": "${v}"`, "abc123def456ghi789"],
    ["src/flags.ts", (v) => `  apiKey: "${v}",`, "feature.apiKey.enabled.2024-11"],
    ["src/routes.ts", (v) => `  secret: "${v}",`, "/api/v2/secrets/:secretId/rotate"],
    ["src/session.ts", (v) => `  cookieKey: "${v}",`, "__Host-session.v3.production"],
    ["src/build.ts", (v) => `  accessKey: "${v}",`, `main.${chance.signs(HEX, 20)}.js`],
    ["Cargo.lock", (v) => `checksum = "${v}"`, chance.signs(HEX, 64)],
    ["go.sum", (v) => `example.org/token v1.2.3 ${v}`, `h1:${chance.signs(BASE64, 43)}=`],
    [
      "src/sri.html",
      (v) => `<script integrity="${v}" src="token.js"></script>`,
      `sha384-${chance.signs(BASE64, 64)}`,
    ],
    [
      "src/image.css",
      (v) => `.token { background: url(data:image/png;base64,${v}); }`,
      `iVBORw0KGgo${chance.signs(BASE64, 200)}`,
    ],
    ["src/types.ts", (v) => `type Secret = { password: "${v}" };`, "PasswordCredentials2"],
    ["src/errors.ts", (v) => `  token: '${v}',`, "err_token_expired_401_retry"],
  ];
  return twins.map(([path, write, twin]): Pair => {
    const { secret } = chance.pick(tokenPairs(chance).filter((each) => each.family !== "azure"));
    return inside(chance, "misleading", { path, lines: () => [""] }, write(secret), write(twin));
  });
}
