import assert from "node:assert/strict";
import { hasMarker } from "../../../src/core/forge-text.ts";
import type { Case } from "../case.ts";
import { FAULTS, withFaultAt } from "../faults.ts";
import type { Fault } from "../proxy.ts";
import { specFor, type Stage } from "../stage.ts";

const signal = new AbortController().signal;
const BRANCH = "sleepless/1";

/** What is done once whatever goes wrong at whatever request. */
interface Act {
  readonly name: string;
  /** Requests that it takes when nothing goes wrong. */
  readonly requests: number;
  /** Makes ready; what it gives is done and then looked at. */
  readonly prepare: (stage: Stage) => Promise<{
    readonly act: () => Promise<unknown>;
    readonly look: () => Promise<void>;
  }>;
}

const OPENING: Act = {
  name: "a pull request is opened once",
  requests: 5,
  async prepare(stage) {
    await stage.pushAside(BRANCH);
    const forge = unresolved(stage);
    return {
      act: () => forge.findOrOpen(specFor(BRANCH), signal),
      async look() {
        const pulls = await stage.pulls();
        assert.equal(pulls.length, 1);
        assert.ok(hasMarker(pulls[0]?.body ?? null, specFor(BRANCH).marker));
      },
    };
  },
};

const UPDATING: Act = {
  name: "the text of a pull request is brought up to date",
  requests: 5,
  async prepare(stage) {
    await stage.pushAside(BRANCH);
    await stage.forge.findOrOpen(specFor(BRANCH), signal);
    stage.proxy.seen.length = 0;
    const forge = unresolved(stage);
    return {
      act: () => forge.findOrOpen(specFor(BRANCH, { body: "It is mended twice." }), signal),
      async look() {
        const pulls = await stage.pulls();
        assert.equal(pulls.length, 1);
        assert.ok(pulls[0]?.body.startsWith("It is mended twice.\n"));
      },
    };
  },
};

const COMMENTING: Act = {
  name: "a comment is made once",
  requests: 6,
  async prepare(stage) {
    const number = await opened(stage);
    const forge = unresolved(stage);
    return {
      act: () => forge.comment(number, { marker: "said", text: "Look." }, signal),
      async look() {
        const comments = await stage.comments(number);
        assert.equal(comments.length, 1);
      },
    };
  },
};

const MERGING: Act = {
  name: "a merge is made once and told",
  requests: 6,
  async prepare(stage) {
    const number = await opened(stage);
    const { head } = await stage.forge.pullRequest(number, signal);
    stage.proxy.seen.length = 0;
    const forge = unresolved(stage);
    const told: string[] = [];
    return {
      async act() {
        told.push((await forge.merge(number, { head, title: "Mend the roof" }, signal)).type);
      },
      async look() {
        assert.deepEqual(told, ["merged"]);
        assert.equal((await stage.forge.pullRequest(number, signal)).state, "merged");
      },
    };
  },
};

const CLOSING: Act = {
  name: "a pull request is closed",
  requests: 4,
  async prepare(stage) {
    const number = await opened(stage);
    const forge = unresolved(stage);
    return {
      act: () => forge.close(number, signal),
      async look() {
        assert.equal((await stage.forge.pullRequest(number, signal)).state, "closed");
      },
    };
  },
};

/** Every act with every fault at every request. */
export function onceCases(): readonly Case[] {
  const cases: Case[] = [];
  for (const act of [OPENING, UPDATING, COMMENTING, MERGING, CLOSING]) {
    cases.push(countCase(act));
    for (const [name, fault] of Object.entries(FAULTS)) {
      for (let at = 1; at <= act.requests; at += 1) cases.push(faultCase(act, name, fault, at));
    }
  }
  return cases;
}

/** So that the faults of the others are at every request. */
function countCase({ name, requests, prepare }: Act): Case {
  return {
    name: `${name}, in ${requests} requests`,
    async play(stage) {
      const { act, look } = await prepare(stage);
      await act();
      const paths = stage.proxy.seen.map(({ method, path }) => `${method} ${path}`);
      assert.equal(paths.length, requests, paths.join("\n"));
      await look();
    },
  };
}

function faultCase({ name, prepare }: Act, fault: string, what: Fault, at: number): Case {
  return {
    name: `${name}, with ${fault} at request ${at}`,
    async play(stage) {
      const { act, look } = await prepare(stage);
      await withFaultAt(stage, { fault: what, at }, act);
      stage.proxy.fault = () => null;
      await look();
    },
  };
}

/** A forge that knows nothing yet, not even the installation. */
function unresolved({ forgeAs, appAuth }: Stage) {
  return forgeAs({ ...appAuth, installationId: null } as Stage["appAuth"]);
}

async function opened(stage: Stage): Promise<number> {
  await stage.pushAside(BRANCH);
  const { data } = await stage.asOwner("POST", `${stage.at}/pulls`, {
    title: "Mend the roof",
    head: BRANCH,
    base: "main",
  });
  return data.number;
}
