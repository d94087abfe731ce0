import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { say, use } from "../../../demo/scripted-turn.ts";
import { confinedCli, type LoginParts } from "../../../src/adapters/claude-code/confined.ts";
import { sandbox, confineTo } from "../sandbox/support.ts";
import { freshSpec } from "../executor-contract.ts";
import { follow, temporaryFolder } from "../support.ts";
import { NOW, openClaude } from "./setup.ts";

const HOUR_MS = 3_600_000;

/** What the model service is sent and what is inside, for a login that is found so. */
async function confined(
  env: Readonly<Record<string, string>>,
  renew: LoginParts["renew"] = async () => {},
): Promise<{
  readonly inside: Readonly<Record<string, string>>;
  readonly sent: Readonly<Record<string, string>>;
  readonly target: string;
}> {
  await using folder = await temporaryFolder();
  const parts = { env, now: () => NOW, renew };
  const spec = await freshSpec(folder.path);
  const fence = { confinement: confineTo(spec), stateFolder: () => join(folder.path, "state") };
  const cli = confinedCli(parts, fence, spec);
  const [model] = cli.confinement.virtualHosts;
  if (model === undefined || !("target" in model))
    throw new Error("the model service has no name inside");
  expect(cli.env["ANTHROPIC_BASE_URL"]).toBe(`http://${model.host}`);
  return { inside: cli.env, sent: await model.headers(), target: model.target };
}

describe("the login of a fenced CLI", () => {
  it("is a placeholder inside and the real one outside, for a key", async () => {
    const { inside, sent, target } = await confined({ ANTHROPIC_API_KEY: "sk-real" });
    expect(sent).toEqual({ "x-api-key": "sk-real" });
    expect(target).toBe("https://api.anthropic.com");
    expect(inside["ANTHROPIC_API_KEY"]).toBe("kept-outside");
    expect(JSON.stringify(inside)).not.toContain("sk-real");
  });

  it.each(["CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_AUTH_TOKEN"])("the same for %s", async (name) => {
    const { inside, sent, target } = await confined({
      [name]: "token-real",
      ANTHROPIC_BASE_URL: "https://gateway.example.org/claude",
    });
    expect(sent).toEqual({ authorization: "Bearer token-real" });
    expect(target).toBe("https://gateway.example.org/claude");
    expect(inside[name]).toBe("kept-outside");
    expect(JSON.stringify(inside)).not.toContain("token-real");
  });

  it("is read afresh from where the person's own CLI keeps it", async () => {
    await using home = await temporaryFolder();
    await store(home.path, "stored", NOW + HOUR_MS);
    const { inside, sent } = await confined({ HOME: home.path });
    expect(sent).toEqual({ authorization: "Bearer stored" });
    expect(inside["CLAUDE_CODE_OAUTH_TOKEN"]).toBe("kept-outside");
  });

  it("is renewed by the CLI outside when it has run out", async () => {
    await using home = await temporaryFolder();
    await store(home.path, "old", NOW + 60_000);
    const renew = (): Promise<void> => store(home.path, "new", NOW + HOUR_MS);
    const { sent } = await confined({ HOME: home.path }, renew);
    expect(sent).toEqual({ authorization: "Bearer new" });
  });

  it("is empty when there is none, and the service says so", async () => {
    await using home = await temporaryFolder();
    const { sent } = await confined({ HOME: home.path });
    expect(sent).toEqual({ authorization: "Bearer " });
  });
});

describe.skipIf(!sandbox.ok)("the real CLI in the sandbox", () => {
  it("shows its shell neither the login nor the files of the person", async () => {
    const command = "env; cat ~/.claude/.credentials.json ../../home/secret; ls -a ../.. ~";
    const works = { turns: [use("Bash", { command }), say("It works.")] };
    await using bundle = await openClaude({ scenarios: { works } }, { fenced: true });
    await writeFile(join(bundle.home, "secret"), "canary-of-the-person");
    await store(bundle.home, "canary-of-the-login", NOW + HOUR_MS);
    const { outcome } = await follow(bundle.executor.start(await bundle.spec("works")));
    expect(outcome).toEqual({ type: "done", text: "It works." });
    const seen = bundle.model.requests().at(-1)?.toolResults.join("\n") ?? "";
    expect(seen).toContain("kept-outside");
    expect(seen).not.toMatch(/scripted-key|canary-of/u);
  });

  it("tells of a host that it may not reach", async () => {
    const command = "curl -sS http://secret.example.org/steal";
    const works = { turns: [use("Bash", { command }), say("It works.")] };
    await using bundle = await openClaude({ scenarios: { works } }, { fenced: true });
    const { events } = await follow(bundle.executor.start(await bundle.spec("works")));
    expect(events.filter(({ type }) => type === "denied")).toEqual([
      {
        type: "denied",
        tool: "network",
        detail: expect.stringContaining("secret.example.org:80") as string,
      },
    ]);
  });
});

async function store(home: string, accessToken: string, expiresAt: number): Promise<void> {
  await mkdir(join(home, ".claude"), { recursive: true });
  const login = { claudeAiOauth: { accessToken, expiresAt } };
  await writeFile(join(home, ".claude", ".credentials.json"), JSON.stringify(login));
}
