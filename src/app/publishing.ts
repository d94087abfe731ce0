import { readFile } from "node:fs/promises";
import type { AccessTo, GitAccess } from "../adapters/git-workspaces/access.ts";
import type { CommitIdentity } from "../adapters/git-workspaces/branches/result-commit.ts";
import { type ForgeSettings, projectOf, type Settings } from "../config/settings.ts";
import { compareUrl } from "../core/compare-url.ts";
import type { Project } from "../core/project.ts";
import { isElsewhere } from "../core/project.ts";
import { parseRepoUrl, type RepoUrl } from "../core/repo-url.ts";
import type { Branches } from "../ports/branches.ts";
import type { Forge } from "../ports/forge.ts";
import type { Log } from "../ports/log.ts";
import type { Publishing } from "../ports/publishing.ts";
import { scanForSecrets, type SecretScanParts } from "./secret-scan.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the ways out are made of. */
export interface WaysOutOptions {
  readonly settings: Pick<Settings, "git" | "forges" | "projects">;
  /** With what the file `.env` of the home adds. */
  readonly env: Environment;
  readonly log: Log;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** How git and forges are reached, by the settings. */
export interface WaysOut {
  readonly access: AccessTo;
  readonly identity: CommitIdentity;
  readonly publishingOver: (
    branches: Branches,
    fence: Pick<SecretScanParts, "launcher" | "isFenced" | "searchPath">,
  ) => Publishing;
}

/** What git needs of the person's environment to reach a repository elsewhere. */
const NETWORK_VARIABLES = [
  "SSH_AUTH_SOCK",
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
  "NO_PROXY",
  "no_proxy",
  "GIT_SSL_CAINFO",
  "SSL_CERT_FILE",
];

/** Makes the ways out; nothing is reached before it is asked for. */
export function waysOut(options: WaysOutOptions): WaysOut {
  const { settings, env } = options;
  const forgeOf = forgeFinder(options);
  const tokenVariables = Object.values(settings.forges).flatMap(({ tokenVariable }) =>
    tokenVariable === null ? [] : [tokenVariable],
  );
  return {
    access: async (project, signal, refused) => {
      const address = addressOf(project);
      const isHttp = address?.transport === "https" || address?.transport === "http";
      const forge = isHttp ? await forgeOf(project) : null;
      const before = refused === null ? null : { authorization: refused, expiresAt: null };
      const credential = (await forge?.credential(signal, before)) ?? null;
      const sshKey = address === null ? null : (settings.forges[address.host]?.sshKey ?? null);
      return {
        authorization: credential?.authorization ?? null,
        environment: gitEnvironment(env, sshKey),
      };
    },
    identity: identityOf(settings.git, env),
    publishingOver: (branches, fence) => ({
      branches,
      forgeOf,
      rulesOf: (name) => ({
        mode: projectOf(settings, name).publish ?? settings.git.publish,
        branchTemplate: settings.git.branch,
        messageTemplate: settings.git.message,
        signs: settings.git.signing !== "none",
      }),
      compareUrl: (project, base, branch) => {
        const address = addressOf(project);
        const kind = address === null ? null : kindOf(settings, address.host);
        return address === null || kind === null ? null : compareUrl(kind, address, base, branch);
      },
      scan: (outgoing, signal) =>
        scanForSecrets({ branches, env, tokenVariables, ...fence }, outgoing, signal),
    }),
  };
}

/** Forges by project, each made when it is first needed and kept, because it keeps its token. */
function forgeFinder(options: WaysOutOptions): Publishing["forgeOf"] {
  const made = new Map<string, Promise<Forge | null>>();
  return (project) => {
    const key = `${project.name} ${project.location}`;
    const found = made.get(key) ?? makeForge(options, project);
    made.set(key, found);
    // What could not be made, for want of a key that is not there yet, is tried again.
    found.catch(() => made.delete(key));
    return found;
  };
}

async function makeForge(options: WaysOutOptions, project: Project): Promise<Forge | null> {
  const { settings, env, now, log } = options;
  const address = addressOf(project);
  const forge = address === null ? undefined : settings.forges[address.host];
  if (address === null || forge === undefined) return null;
  const token = forge.tokenVariable === null ? null : (env[forge.tokenVariable] ?? null);
  if (token === null && forge.app === null) {
    const missing = forge.tokenVariable ?? "token";
    log.warn("A forge has no token, so no pull request is opened there", {
      host: address.host,
      missing,
    });
    return null;
  }
  const { owner, name } = address;
  const common = { apiUrl: apiOf(forge, address), now, log };
  switch (forge.kind) {
    case "github": {
      const auth =
        forge.app === null
          ? { type: "token" as const, token: token ?? "" }
          : {
              type: "app" as const,
              appId: forge.app.id,
              privateKey: await readFile(forge.app.key, "utf8"),
              installationId: forge.app.installation,
            };
      const { gitHubForge } = await import("../adapters/github/github-forge.ts");
      return gitHubForge({ ...common, repository: { owner, name }, auth });
    }
    case "gitlab": {
      if (token === null) return null;
      const { gitLabForge } = await import("../adapters/rest-forges/gitlab/gitlab-forge.ts");
      return gitLabForge({ ...common, repository: { owner, name }, token });
    }
    case "gitea": {
      if (token === null) return null;
      const { giteaForge } = await import("../adapters/rest-forges/gitea/gitea-forge.ts");
      return giteaForge({ ...common, repository: { owner, name }, token });
    }
  }
}

function apiOf({ kind, api }: ForgeSettings, { host }: RepoUrl): string {
  if (api !== null) return api;
  switch (kind) {
    case "github":
      return host === "github.com" ? "https://api.github.com" : `https://${host}/api/v3`;
    case "gitlab":
      return `https://${host}/api/v4`;
    case "gitea":
      return `https://${host}/api/v1`;
  }
}

/** By the settings, or by the names of hosts that everybody knows. */
function kindOf({ forges }: Pick<Settings, "forges">, host: string): ForgeSettings["kind"] | null {
  return forges[host]?.kind ?? KNOWN_HOSTS[host] ?? null;
}

const KNOWN_HOSTS: Readonly<Record<string, ForgeSettings["kind"]>> = {
  "github.com": "github",
  "gitlab.com": "gitlab",
  "codeberg.org": "gitea",
};

function addressOf(project: Project): RepoUrl | null {
  if (!isElsewhere(project)) return null;
  const parsed = parseRepoUrl(project.location);
  return parsed.ok ? parsed.value : null;
}

function gitEnvironment(env: Environment, sshKey: string | null): GitAccess["environment"] {
  const taken = NETWORK_VARIABLES.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const key = sshKey === null ? "" : ` -o IdentitiesOnly=yes -i ${quoted(sshKey)}`;
  // Nobody is there to be asked: a host that is not known yet is refused.
  return { ...Object.fromEntries(taken), GIT_SSH_COMMAND: `ssh -o BatchMode=yes${key}` };
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

function identityOf(git: Settings["git"], env: Environment): CommitIdentity {
  const { authorName: name, authorEmail: email, signing, signingKey } = git;
  const home = env["GNUPGHOME"] ?? `${env["HOME"] ?? ""}/.gnupg`;
  return {
    name,
    email,
    signing:
      signing === "none" || signingKey === null
        ? null
        : {
            format: signing,
            key: signingKey,
            environment: signing === "gpg" ? { GNUPGHOME: home } : {},
          },
  };
}
