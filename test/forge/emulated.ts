import { createEmulator } from "emulate";

/** State of GitHub, kept by an emulator. */
export interface Emulated {
  readonly url: string;
  readonly privateKey: string;
  /** Asks as the owner of everything. */
  readonly asOwner: AsSomebody;
  readonly asStranger: AsSomebody;
  /** Asks as the owner of everything and checks that it went well. */
  readonly makeRepository: (name: string) => Promise<void>;
  /** Makes a branch with one commit on main, and tells that commit. */
  readonly putBranch: (repository: string, branch: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** A request in somebody's name; the answer as JSON. */
export type AsSomebody = (method: string, path: string, body?: unknown) => Promise<Answered>;

/** An answer of the emulator. */
export interface Answered {
  readonly status: number;
  // Tests read what they know to be there.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

/** Who owns all repositories. */
export const OWNER = "octo";
/** The App under test. */
export const APP_ID = 12_345;
/** Its installation. */
export const INSTALLATION_ID = 100;
/** A token of the owner, as a fine-grained one would be. */
export const OWNER_TOKEN = "github_pat_ownerownerownerowner";
/** A token of somebody who may not write. */
export const STRANGER_TOKEN = "github_pat_strangerstranger";

/** Starts an emulator with an owner, a stranger and an installed App. */
export async function startEmulated(): Promise<Emulated> {
  const permissions = {
    contents: "write",
    pull_requests: "write",
    issues: "write",
    checks: "write",
    statuses: "write",
    metadata: "read",
  };
  const emulator = await createEmulator({
    service: "github",
    port: 0,
    seed: {
      tokens: {
        [OWNER_TOKEN]: { login: OWNER, scopes: ["repo"] },
        [STRANGER_TOKEN]: { login: "stranger", scopes: ["repo"] },
      },
      github: {
        users: [{ login: OWNER }, { login: "stranger" }],
        apps: [
          {
            app_id: APP_ID,
            slug: "sleepless",
            name: "Sleepless",
            permissions,
            installations: [
              {
                installation_id: INSTALLATION_ID,
                account: OWNER,
                permissions,
                repository_selection: "all",
              },
            ],
          },
        ],
      },
    },
  });
  const key = emulator.generatedSecrets.find(({ kind }) => kind === "github.app_private_key");
  const asOwner = askAs(emulator.url, OWNER_TOKEN);
  return {
    url: emulator.url,
    privateKey: key?.value ?? "",
    asOwner,
    asStranger: askAs(emulator.url, STRANGER_TOKEN),
    async makeRepository(name) {
      await good(asOwner("POST", "/user/repos", { name, auto_init: true }));
    },
    async putBranch(repository, branch) {
      const at = `/repos/${OWNER}/${repository}`;
      const main = await good(asOwner("GET", `${at}/git/ref/heads/main`));
      const base = await good(asOwner("GET", `${at}/git/commits/${main.object.sha}`));
      const commit = await good(
        asOwner("POST", `${at}/git/commits`, {
          message: `${branch} ${Math.random()}`,
          tree: base.tree.sha,
          parents: [main.object.sha],
        }),
      );
      await good(
        asOwner("POST", `${at}/git/refs`, { ref: `refs/heads/${branch}`, sha: commit.sha }),
      );
      return commit.sha;
    },
    close: () => emulator.close(),
  };
}

/** The data of an answer that must be a good one. */
export async function good(answer: Promise<Answered>): Promise<Answered["data"]> {
  const { status, data } = await answer;
  if (status >= 400) throw new Error(`${status} ${JSON.stringify(data)}`);
  return data;
}

function askAs(url: string, token: string): AsSomebody {
  return async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `token ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, data: text === "" ? null : JSON.parse(text) };
  };
}
