import { openWorld, type Stage, type World } from "./stage.ts";

/** One thing that must hold. */
export interface Case {
  readonly name: string;
  readonly play: (stage: Stage, world: World) => Promise<void>;
}

/** What came of a case; null for well. */
export interface Played {
  readonly name: string;
  readonly problem: string | null;
}

/** How many are played at once: they wait more than they work. */
const AT_ONCE = 32;
/** Longest that one case may take, in milliseconds. */
const CASE_MAX_MS = 60_000;

/** Plays all cases, each on a repository of its own. */
export async function playCases(cases: readonly Case[]): Promise<readonly Played[]> {
  const world = await openWorld();
  const played: Played[] = [];
  const left = [...cases];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      played.push(await playOne(world, next));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return played;
  } finally {
    await world.close();
  }
}

async function playOne(world: World, { name, play }: Case): Promise<Played> {
  const stage = await world.stage();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it takes too long")), CASE_MAX_MS);
  try {
    await Promise.race([play(stage, world), late.promise]);
    return { name, problem: null };
  } catch (error) {
    return {
      name,
      problem: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  } finally {
    clearTimeout(timer);
    await stage.close();
  }
}
