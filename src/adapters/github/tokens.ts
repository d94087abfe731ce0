import type { Octokit } from "@octokit/core";
import type { Instant } from "../../core/task.ts";
import type { Shape } from "../../core/shape.ts";
import type { Failures } from "./failures.ts";
import type { Kits } from "./kits.ts";
import type { GitHubForgeOptions } from "./options.ts";
import { INSTALLATION, INSTALLATION_TOKEN, REPOSITORY } from "./shapes.ts";

/** A token with its end by our clock; null when the end is not known. */
export interface Token {
  readonly value: string;
  readonly expiresAt: Instant | null;
}

/** The token of the moment; throws ForgeFailed. */
export interface Tokens {
  /** One that holds for five minutes more. */
  readonly current: () => Promise<Token>;
  /** Another one than `old`, which was not accepted; null when there is no other. */
  readonly instead: (old: Token) => Promise<Token | null>;
}

const WHAT = "give a token";
const RENEW_BEFORE_MS = 5 * 60_000;
/** Taken for the life of a token whose end cannot be read. */
const LIFE_MS = 50 * 60_000;

/** Tokens of an App for one repository alone, renewed before their end; or the one that was given. */
export function makeTokens(
  options: GitHubForgeOptions,
  { app, bare }: Kits,
  failures: Failures,
): Tokens {
  const { auth, now } = options;
  if (auth.type === "token" || app === null) {
    const value = auth.type === "token" ? auth.token : "";
    const token = { value, expiresAt: null };
    return { current: async () => token, instead: async () => null };
  }
  const mint = makeMint(options, auth.installationId, { app, bare });
  let held: Token | null = null;
  let coming: Promise<Token> | null = null;

  async function renewed(): Promise<Token> {
    coming ??= minted().finally(() => {
      coming = null;
    });
    held = await coming;
    return held;
  }

  async function minted(): Promise<Token> {
    try {
      return await mint();
    } catch (error) {
      const failure = failures.of(error, WHAT);
      throw failure instanceof Error ? failure : failures.forRefusal(failure, WHAT);
    }
  }

  return {
    async current() {
      const isGood = (held?.expiresAt ?? 0) - now() > RENEW_BEFORE_MS;
      return held !== null && isGood ? held : await renewed();
    },
    async instead(old) {
      // Another request may have renewed it meanwhile.
      return held !== null && held.value !== old.value ? held : await renewed();
    },
  };
}

function makeMint(
  { repository, now }: GitHubForgeOptions,
  givenInstallation: number | null,
  { app, bare }: { readonly app: Octokit; readonly bare: Octokit },
): () => Promise<Token> {
  let installationId = givenInstallation;
  let { name } = repository;

  async function ask(repositories: readonly string[] | null): Promise<Token> {
    const { data, headers } = await app.request(
      "POST /app/installations/{installation_id}/access_tokens",
      {
        installation_id: installationId ?? 0,
        ...(repositories && { repositories: [...repositories] }),
      },
    );
    const { token, expires_at: end } = readAs(INSTALLATION_TOKEN, data);
    // By the clock of GitHub, because ours may be wrong.
    const lifeMs = Date.parse(end) - (Date.parse(headers.date ?? "") || now());
    return { value: token, expiresAt: now() + (lifeMs > 0 ? lifeMs : LIFE_MS) };
  }

  /** The name that the repository has now: a narrow token is made by it, and only a wide one tells it. */
  async function currentName(): Promise<string> {
    const wide = await ask(null);
    const { data } = await bare.request("GET /repos/{owner}/{repo}", {
      owner: repository.owner,
      repo: repository.name,
      headers: { authorization: `token ${wide.value}` },
    });
    return readAs(REPOSITORY, data).name;
  }

  return async () => {
    installationId ??= await findInstallation(app, repository);
    try {
      return await ask([name]);
    } catch (error) {
      if ((error as { readonly status?: unknown }).status !== 422) throw error;
      const newName = await currentName().catch(() => null);
      if (newName === null || newName === name) throw error;
      name = newName;
      return ask([name]);
    }
  };
}

async function findInstallation(
  app: Octokit,
  { owner, name }: GitHubForgeOptions["repository"],
): Promise<number> {
  const { data } = await app.request("GET /repos/{owner}/{repo}/installation", {
    owner,
    repo: name,
  });
  return readAs(INSTALLATION, data).id;
}

function readAs<T>(shape: Shape<T>, data: unknown): T {
  const parsed = shape(data);
  if (parsed !== null) return parsed.value;
  throw Object.assign(new Error("not an answer of GitHub"), { status: 502 });
}
