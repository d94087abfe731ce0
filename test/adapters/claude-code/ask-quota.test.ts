import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, type Server, connect } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readUsage } from "../../../src/adapters/claude-code/ask-quota.ts";
import { claudeCodeExecutor } from "../../../src/adapters/claude-code/executor.ts";
import { createLauncher } from "../../../src/adapters/process/launcher.ts";
import { hasOpenssl, temporaryFolder } from "../support.ts";

const NOW = Date.UTC(2026, 10, 25, 20);
const RESET = "2026-11-26T01:00:00.000Z";

it.runIf(hasOpenssl)(
  "asks what is used of a subscription without saying a word to the model",
  async () => {
    await using stage = await openStage({ five_hour: { utilization: 41, resets_at: RESET } });
    const executor = await executorOf(stage.env);
    expect(await executor.probe(AbortSignal.timeout(20_000))).toMatchObject({ ready: true });
    expect(await executor.askQuota?.(AbortSignal.timeout(30_000))).toEqual([
      {
        provider: "anthropic",
        window: "five_hour",
        used: 0.41,
        resetsAt: Date.parse(RESET),
        status: "open",
        source: "observed",
        observedAt: NOW,
      },
    ]);
    expect(stage.paths).toContain("/api/oauth/usage");
    expect(stage.paths.filter((path) => path.includes("messages"))).toEqual([]);
  },
);

it.runIf(hasOpenssl)("asks nobody where a key is used", async () => {
  await using stage = await openStage({});
  const executor = await executorOf({ ...stage.env, ANTHROPIC_API_KEY: "sk-test" });
  await executor.probe(AbortSignal.timeout(20_000));
  expect(await executor.askQuota?.(AbortSignal.timeout(30_000))).toBeNull();
  // Of the stored login beside the key the CLI asks the rules of its organisation, and no more.
  expect(stage.paths.filter((path) => path !== "/api/claude_code/policy_limits")).toEqual([]);
});

it("reads a used-up window as closed, and what it does not understand as nothing told", () => {
  const weekly = { utilization: 100, resets_at: null };
  const answer = { rate_limits_available: true, rate_limits: { seven_day: weekly, odd: 7 } };
  expect(readUsage(answer, NOW)).toEqual([
    expect.objectContaining({ window: "seven_day", used: 1, status: "closed", resetsAt: null }),
  ]);
  expect(readUsage({ rate_limits_available: false, rate_limits: null }, NOW)).toBeNull();
  expect(readUsage({ rate_limits_available: true, rate_limits: null }, NOW)).toBeNull();
  expect(readUsage({}, NOW)).toBeNull();
});

async function executorOf(
  env: Readonly<Record<string, string>>,
): Promise<ReturnType<typeof claudeCodeExecutor>> {
  return claudeCodeExecutor({ launcher: await createLauncher(), env, now: () => NOW });
}

interface Stage extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  /** What was asked of the vendor's host, oldest first. */
  readonly paths: readonly string[];
}

/** The vendor's fixed host behind a loopback proxy, with a certificate of our own. */
async function openStage(usage: object): Promise<Stage> {
  const folder = await temporaryFolder();
  const config = join(folder.path, "config");
  mkdirSync(config);
  writeFileSync(join(config, ".credentials.json"), JSON.stringify(login()));
  const paths: string[] = [];
  const api = createHttpsServer(makeCertificate(folder.path), (request, response) => {
    paths.push(request.url ?? "");
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(request.url === "/api/oauth/usage" ? usage : {}));
  });
  const proxy = createHttpServer((_request, response) => void response.writeHead(403).end());
  proxy.on("connect", (_request, client) => {
    const server = connect(portOf(api), "127.0.0.1");
    client.write("HTTP/1.1 200 OK\r\n\r\n");
    for (const socket of [client, server]) socket.on("error", () => void client.destroy());
    server.pipe(client).pipe(server);
  });
  for (const server of [api, proxy]) await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    paths,
    env: {
      PATH: "/usr/local/bin:/usr/bin:/bin",
      HOME: folder.path,
      TMPDIR: folder.path,
      CLAUDE_CONFIG_DIR: config,
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
      NODE_EXTRA_CA_CERTS: join(folder.path, "cert.pem"),
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of [api, proxy]) {
        server.close();
        server.closeAllConnections();
      }
      await folder[Symbol.asyncDispose]();
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function login(): object {
  return {
    claudeAiOauth: {
      accessToken: "sk-ant-oat01-test",
      refreshToken: "sk-ant-ort01-test",
      expiresAt: Date.now() + 8 * 3_600_000,
      scopes: ["user:inference", "user:profile"],
      subscriptionType: "max",
    },
  };
}

function makeCertificate(folder: string): { readonly key: Buffer; readonly cert: Buffer } {
  const at = (name: string): string => join(folder, name);
  const names = "subjectAltName=DNS:api.anthropic.com,DNS:platform.claude.com";
  const asked = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=test",
  ];
  const files = ["-addext", names, "-keyout", at("key.pem"), "-out", at("cert.pem")];
  execFileSync("openssl", [...asked, ...files], { stdio: "ignore" });
  return { key: readFileSync(at("key.pem")), cert: readFileSync(at("cert.pem")) };
}
