import type { PublishRules } from "../core/publish.ts";
import type { Branches, Fit, Pushed, PushSpec } from "../ports/branches.ts";
import type { Forge } from "../ports/forge.ts";
import type { Outgoing, Publishing, SecretScan } from "../ports/publishing.ts";

/** How results leave in a test, with what left. */
export interface FakePublishing extends Publishing {
  readonly pushed: readonly PushSpec[];
  readonly scanned: readonly Outgoing[];
  /** What the next calls give; the last one stays. */
  readonly set: (next: {
    readonly fit?: Fit;
    readonly push?: Pushed;
    readonly scan?: SecretScan;
    readonly forge?: Forge | null;
    readonly rules?: Partial<PublishRules>;
    readonly file?: string | null;
    /** What each next look for marks finds; then nothing. */
    readonly marked?: readonly (readonly string[])[];
  }) => void;
}

const BASE = "2".repeat(40);

/** Lets results leave without git or network. */
export function fakePublishing(
  changed: Extract<Fit, { type: "fits" }>["changed"] = [],
): FakePublishing {
  const pushed: PushSpec[] = [];
  const scanned: Outgoing[] = [];
  let fit: Fit | null = null;
  let push: Pushed = { type: "pushed" };
  let scan: SecretScan = { blocking: [], warnings: [] };
  let forge: Forge | null = null;
  let file: string | null = null;
  let marked: (readonly string[])[] = [];
  let rules: PublishRules = {
    mode: "auto",
    branchTemplate: "feature/{project}-{id}-{slug}",
    messageTemplate: "{title}\n\n{summary}",
    signs: false,
  };
  const branches: Branches = {
    base: async () => ({ name: "main", commit: BASE }),
    fileAt: async () => (file === null ? null : new TextEncoder().encode(file)),
    fit: async (_project, { commit }, onto) =>
      fit ?? { type: "fits", base: onto, commit, changed, insertions: 0, deletions: 0 },
    openConflict: async () => {},
    settleConflict: async () => marked.shift() ?? [],
    merge: async (_project, into, other) => `${into.slice(0, 20)}${other.slice(0, 20)}`,
    isIn: async () => false,
    commit: async (_project, { taskId, at }) => `${taskId}${at}`.padEnd(40, "c").slice(0, 40),
    difference: async () => "",
    push: async (_project, spec) => {
      pushed.push(spec);
      return push;
    },
    landLocally: async (_project, { commit }) => ({ type: "landed", commit }),
    addThought: async ({ taskId }) => `${taskId}`.padEnd(40, "d"),
  };
  return {
    pushed,
    scanned,
    set: (next) => {
      fit = next.fit ?? fit;
      push = next.push ?? push;
      scan = next.scan ?? scan;
      forge = next.forge === undefined ? forge : next.forge;
      marked = [...(next.marked ?? marked)];
      rules = { ...rules, ...next.rules };
      file = next.file === undefined ? file : next.file;
    },
    branches,
    rulesOf: () => rules,
    forgeOf: async () => forge,
    compareUrl: () => null,
    scan: async (outgoing) => {
      scanned.push(outgoing);
      return scan;
    },
  };
}
