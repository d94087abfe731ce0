import { iso } from "../../core/iso.ts";
import { makeRedactor } from "../../core/redact.ts";
import { printableLine } from "../../core/terminal.ts";
import { ForgeFailed } from "../../ports/forge.ts";
import type { Refusal } from "./http.ts";
import type { RestForgeOptions } from "./options.ts";

/** Words for what went wrong, without a secret. */
export interface RestFailures {
  readonly words: (text: string) => string;
  readonly unreachable: (what: string, why: string) => ForgeFailed;
  readonly limited: (what: string, retryAt: number) => ForgeFailed;
  readonly unauthorized: (what: string) => ForgeFailed;
  readonly fail: (refusal: Refusal, what: string) => ForgeFailed;
}

const MESSAGE_LENGTH_MAX = 300;

/** Failures of requests for one repository; `name` is what they call the forge. */
export function makeRestFailures(
  name: string,
  { apiUrl, token, repository }: RestForgeOptions,
): RestFailures {
  const redact = makeRedactor([token]);
  const words = (text: string): string => redact(printableLine(text, MESSAGE_LENGTH_MAX));
  const where = words(`${repository.owner}/${repository.name}`);
  function unreachable(what: string, why: string): ForgeFailed {
    const advice = `check the network and the address ${words(apiUrl)}, and try again later`;
    return new ForgeFailed(
      "unreachable",
      `${name} does not answer when asked to ${what} (${why}); ${advice}.`,
    );
  }

  function limited(what: string, retryAt: number): ForgeFailed {
    return new ForgeFailed(
      "limited",
      `${name} is asked too often to ${what}; ask again after ${iso(retryAt)}.`,
      { retryAt },
    );
  }

  function unauthorized(what: string): ForgeFailed {
    return new ForgeFailed(
      "unauthorized",
      `${name} does not accept the token that it is given to ${what}; make a new one and give it in place of the old one (docs/forges.md).`,
    );
  }

  function fail({ status, message }: Refusal, what: string): ForgeFailed {
    if (status >= 300 && status < 400) {
      const advice = "give its new address";
      return new ForgeFailed("not-found", `${where} has moved on ${name}; ${advice}.`);
    }
    if (status === 404) {
      const advice = "check the name, and that the token may read it";
      return new ForgeFailed(
        "not-found",
        `${name} shows no such thing in ${where} when asked to ${what}; ${advice}.`,
      );
    }
    if (status === 401 || status === 403) {
      return new ForgeFailed(
        "forbidden",
        `${name} forbids the token that it is given to ${what} (${message}); give it the permission (docs/forges.md).`,
      );
    }
    return new ForgeFailed("refused", `${name} refuses to ${what}: ${message}`);
  }

  return { words, unreachable, limited, unauthorized, fail };
}
