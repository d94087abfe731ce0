import type { Failures } from "./failures.ts";
import type { GitHubForgeOptions } from "./options.ts";
import type { Send } from "./session.ts";
import { APP, USER } from "./shapes.ts";
import type { Token } from "./tokens.ts";

/** Who we are on GitHub. */
export interface Identity {
  /** The name under which we write; null when it cannot be known. */
  readonly ownLogin: (signal: AbortSignal) => Promise<string | null>;
  /** Another token than the one whose value is given, where there is another. */
  readonly token: (signal: AbortSignal, refused: string | null) => Promise<Token>;
}

/** The App or the person that we act for, asked for once. */
export function makeIdentity(
  { auth }: GitHubForgeOptions,
  send: Send,
  failures: Failures,
): Identity {
  let login: string | null = null;
  return {
    async ownLogin(signal) {
      if (login !== null) return login;
      const answer = await send("say who we are", signal, ({ app, plain }) =>
        (app ?? plain).request(app === null ? "GET /user" : "GET /app", { request: { signal } }),
      );
      if ("type" in answer) return null;
      login = auth.type === "app" ? appLogin(answer.data) : userLogin(answer.data);
      return login;
    },
    async token(signal, refused) {
      const what = "give a token";
      let given: Token | null = null;
      const answer = await send(what, signal, async ({ tokens }) => {
        const token = await tokens.current();
        given = (token.value === refused ? await tokens.instead(token) : null) ?? token;
        return { status: 200, data: null, headers: {} };
      });
      if (given !== null) return given;
      const nothing = { type: "refused", status: 404, message: "no token" } as const;
      throw failures.forRefusal("type" in answer ? answer : nothing, what);
    },
  };
}

function appLogin(data: unknown): string | null {
  const app = APP(data);
  return app === null ? null : `${app.value.slug}[bot]`;
}

function userLogin(data: unknown): string | null {
  const user = USER(data);
  return user === null ? null : user.value.login;
}
