import { BASE64, type Chance, HEX, LOWER } from "./secrets-tokens.ts";

/** A kind of file: its path, lines that are usual in it, and ways to write a named value. */
export interface Surrounding {
  readonly path: string;
  readonly lines: (chance: Chance) => readonly string[];
  /** Puts a value under a name into one line. */
  readonly assign: (name: string, value: string) => string;
}

const uuid = (chance: Chance): string =>
  [8, 4, 4, 4, 12].map((length) => chance.signs(HEX, length)).join("-");
const sha = (chance: Chance): string => chance.signs(HEX, 40);
const integrity = (chance: Chance): string => `sha512-${chance.signs(BASE64, 86)}==`;
const upper = (name: string): string => name.replace(/(?=[A-Z])/gu, "_").toUpperCase();

const CODE = (chance: Chance): readonly string[] => [
  `import { createClient } from "./client.js";`,
  `const requestId = "${uuid(chance)}";`,
  `// see commit ${sha(chance)}`,
  `export const passwordField = document.querySelector("#password");`,
  `function getToken(name: string): string | undefined {`,
  `  return tokens.get(name) ?? process.env.DEFAULT_TOKEN;`,
  `}`,
  `const secretKeyRef = { name: "app-secrets", key: "database-password" };`,
  `if (password.length < passwordMinLength) throw new Error("Password is too short");`,
  `const labels = { password: "Enter your password", apiKey: "API key from the console" };`,
  `const tokenUrl = "https://auth.example.com/oauth2/token";`,
  `client.authenticate(user, getPassword(user));`,
];

/** Kinds of files that changes are made of. */
export const SURROUNDINGS: readonly Surrounding[] = [
  {
    path: "src/service/client.ts",
    lines: CODE,
    assign: (name, value) => `const ${name} = "${value}";`,
  },
  {
    path: "src/app.js",
    lines: CODE,
    assign: (name, value) => `  ${name}: '${value}',`,
  },
  {
    path: "app/settings.py",
    lines: (chance) => [
      `import os`,
      `DEBUG = False`,
      `REVISION = "${sha(chance)}"`,
      `SECRET_KEY = os.environ["SECRET_KEY"]`,
      `DATABASES = {"default": {"PASSWORD": os.getenv("DB_PASSWORD")}}`,
      `PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]`,
      `TOKEN_MODEL = "accounts.AccessToken"`,
    ],
    assign: (name, value) => `${upper(name)} = "${value}"`,
  },
  {
    path: "cmd/server/main.go",
    lines: (chance) => [
      `package main`,
      `const traceID = "${chance.signs(HEX, 32)}"`,
      `var token = flag.String("token", "", "access token")`,
      `password, err := readPassword(os.Stdin)`,
      `if cfg.APIKey == "" { return errMissingKey }`,
    ],
    assign: (name, value) => `\t${name} := "${value}"`,
  },
  {
    path: "src/main/resources/application.properties",
    lines: (chance) => [
      `server.port=8080`,
      `build.id=${uuid(chance)}`,
      "spring.datasource.password=${DB_PASSWORD}",
      `security.token.header-name=X-Auth-Token`,
    ],
    assign: (name, value) => `app.${name}=${value}`,
  },
  {
    path: ".env",
    lines: (chance) => [
      `NODE_ENV=production`,
      `GIT_SHA=${sha(chance)}`,
      `SECRET_FILE=/run/secrets/database`,
      `TOKEN_TTL=3600`,
    ],
    assign: (name, value) => `${upper(name)}=${value}`,
  },
  {
    path: "deploy/values.yaml",
    lines: (chance) => [
      `image:`,
      `  digest: sha256:${chance.signs(HEX, 64)}`,
      `  pullPolicy: IfNotPresent`,
      `auth:`,
      `  existingSecret: app-credentials`,
      `  passwordKey: database-password`,
    ],
    assign: (name, value) => `  ${name}: ${value}`,
  },
  {
    path: ".github/workflows/ci.yml",
    lines: (chance) => [
      `on: push`,
      `      - uses: actions/checkout@${sha(chance)}`,
      "          token: ${{ secrets.GITHUB_TOKEN }}",
      "          NPM_TOKEN: ${{ secrets.NPM_TOKEN }}",
    ],
    assign: (name, value) => `          ${upper(name)}: "${value}"`,
  },
  {
    path: "config/app.json",
    lines: (chance) => [
      `{`,
      `  "id": "${uuid(chance)}",`,
      `  "tokenEndpoint": "https://login.example.com/token",`,
      `  "passwordPolicy": { "min": 12 },`,
    ],
    assign: (name, value) => `  "${name}": "${value}",`,
  },
  {
    path: "infra/main.tf",
    lines: (chance) => [
      `resource "aws_db_instance" "main" {`,
      `  snapshot_identifier = "snap-${chance.signs(HEX, 17)}"`,
      `  password = var.database_password`,
      `}`,
    ],
    assign: (name, value) => `  ${name} = "${value}"`,
  },
  {
    path: "scripts/deploy.sh",
    lines: (chance) => [
      `#!/bin/sh`,
      `set -eu`,
      `COMMIT=${sha(chance).slice(0, 12)}`,
      `curl -H "Authorization: Bearer $TOKEN" "$URL"`,
    ],
    assign: (name, value) => `export ${upper(name)}="${value}"`,
  },
  {
    path: "package-lock.json",
    lines: (chance) =>
      Array.from({ length: 6 }, () => chance.signs(LOWER, 6)).flatMap((name) => [
        `    "node_modules/${name}-token": {`,
        `      "resolved": "https://packages.example.org/${name}/-/${name}-1.2.3.tgz",`,
        `      "integrity": "${integrity(chance)}"`,
      ]),
    assign: (name, value) => `      "${name}": "${value}",`,
  },
  {
    path: "public/app.min.js",
    lines: (chance) => [
      `!function(e,t){"use strict";var n=t(${chance.below(900)}),r="${chance.signs(HEX, 20)}";e.exports={password:n.password,token:r.token,key:"apiKey"}}(this,(function(e){return e.secret||e.token}));`,
      `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify({ version: 3, sources: ["a.ts"], mappings: chance.signs(LOWER, 60) })).toString("base64")}`,
    ],
    assign: (name, value) => `!function(e){var t={v:1,${name}:"${value}",n:2};e(t)}(window);`,
  },
  {
    path: "README.md",
    lines: (chance) => [
      `# Service`,
      "Set `API_KEY` and `DB_PASSWORD` before the first start.",
      "```sh",
      `git checkout ${sha(chance)}`,
      `export TOKEN=<your token>`,
      "```",
    ],
    assign: (name, value) => `    ${upper(name)}=${value}`,
  },
  {
    path: "test/fixtures/users.yml",
    lines: (chance) => [`users:`, `  - id: ${uuid(chance)}`, `    name: Alice`, `    role: admin`],
    assign: (name, value) => `    ${name}: "${value}"`,
  },
];
