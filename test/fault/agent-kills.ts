import { setTimeout as sleep } from "node:timers/promises";
import { attemptMark } from "../../src/engine/steps/work.ts";
import type { Chance } from "../../src/ports/chance.ts";
import { processesMarked } from "./processes.ts";
import type { Stage } from "./stage.ts";

/** Each uses up one of the task's attempts. */
const KILLS_PER_TASK_MAX = 5;
const LOOKS_MAX = 100;
const LOOK_EVERY_MS = 10;

/** Sends SIGKILL to agents. */
export interface AgentKiller {
  /** Kills the agent of some running task as soon as there is one; false when none came. */
  readonly killOne: (over: AbortSignal) => Promise<boolean>;
}

/** Makes a killer of the agents on a stage. */
export function makeAgentKiller(stage: Stage, chance: Chance): AgentKiller {
  const killed = new Set<number>();
  const killable = async (): Promise<readonly Agent[]> =>
    (await livingAgents(stage)).filter(
      ({ pid, taskId }) => !killed.has(pid) && (stage.agentKills[taskId] ?? 0) < KILLS_PER_TASK_MAX,
    );
  return {
    killOne: async (over) => {
      for (let looks = 0; looks < LOOKS_MAX && !over.aborted; looks += 1) {
        const agents = await killable();
        const agent = agents[Math.floor(chance.fraction() * agents.length)];
        if (agent !== undefined && isSent(agent.pid)) {
          killed.add(agent.pid);
          stage.agentKills[agent.taskId] = (stage.agentKills[agent.taskId] ?? 0) + 1;
          return true;
        }
        await sleep(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => {});
      }
      return false;
    },
  };
}

interface Agent {
  readonly pid: number;
  readonly taskId: number;
}

/** The agents themselves, not what was put around them. */
async function livingAgents({ store }: Stage): Promise<readonly Agent[]> {
  const running = await store.attempts.running();
  const taskIds = new Map(
    running.map(({ attempt }) => [attemptMark(attempt), attempt.taskId] as const),
  );
  return processesMarked(new Set(taskIds.keys()))
    .filter(({ program }) => program === process.execPath)
    .map(({ pid, mark }) => ({ pid, taskId: taskIds.get(mark) ?? 0 }));
}

/** False when it had ended by itself in the meantime. */
function isSent(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
