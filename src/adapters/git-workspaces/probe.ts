import { GitFailed, hardenedGit, type GitOptions } from "./git.ts";

/** What can be said of the git of this machine; `message` says what to do when it does not serve. */
export type GitProbe =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly message: string };

/** The oldest git that knows everything we ask of it. */
const VERSION_MIN: readonly [number, number] = [2, 34];

/** Whether git is there and new enough. */
export async function probeGit(options: GitOptions, signal: AbortSignal): Promise<GitProbe> {
  try {
    const said = await hardenedGit(options).must({ args: ["version"], cwd: "/" }, signal);
    return judge(said.toString());
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    return { ok: false, message: `${error.message}.` };
  }
}

function judge(said: string): GitProbe {
  const [, version = "", major, minor] = /((\d+)\.(\d+)[\d.]*)/u.exec(said) ?? [];
  const [majorMin, minorMin] = VERSION_MIN;
  const isNew =
    Number(major) > majorMin || (Number(major) === majorMin && Number(minor) >= minorMin);
  if (isNew) return { ok: true, version };
  const least = VERSION_MIN.join(".");
  return {
    ok: false,
    message: `git ${version || "of an unknown version"} is too old; install git ${least} or newer.`,
  };
}
