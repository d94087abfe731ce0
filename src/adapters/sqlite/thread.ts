import { Worker } from "node:worker_threads";
import type { Store } from "../../ports/store.ts";
import type { Call } from "./calls.ts";
import type { FileOptions } from "./engine.ts";
import { closed, unusable } from "./errors.ts";
import { storeOver } from "./facade.ts";
import { type Listeners, makeListeners } from "./listeners.ts";
import { errorOf, type Reply, type Request } from "./messages.ts";

/** What the thread makes is gone with the call; by default V8 would hold several times as much for it. */
const YOUNG_GENERATION_MAX_MB = 4;

/** Runs the database in a thread of its own; the event loop of this one never waits for a disk or a lock. */
export async function openThread(
  options: FileOptions,
  warn: (message: string) => void,
): Promise<Store> {
  const worker = startWorker(options);
  const exited = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const hold = makeHold(worker);
  const calls = makeCalls(worker, hold, options.path);
  const listeners = makeListeners(
    () => {
      hold.take();
      post(worker, { type: "watch", on: true });
    },
    () => {
      hold.release();
      post(worker, { type: "watch", on: false });
    },
  );
  worker.once("exit", () => calls.end());
  await readiness(worker, { calls, listeners, warn });
  hold.release();
  return storeOver(calls.run, {
    watch: listeners.add,
    [Symbol.asyncDispose]: async () => {
      hold.take();
      if (calls.stop()) post(worker, { type: "close" });
      await exited;
    },
  });
}

/** The thread's code lies beside this file, as a source or compiled as this file is. */
function startWorker(options: FileOptions): Worker {
  const file = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js";
  return new Worker(new URL(file, import.meta.url), {
    name: "sqlite",
    workerData: options,
    execArgv: [],
    env: {},
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MAX_MB },
  });
}

function post(worker: Worker, request: Request): void {
  worker.postMessage(request, []);
}

/** Reasons for the thread to keep the process alive: calls under way and those who watch. */
interface Hold {
  readonly take: () => void;
  readonly release: () => void;
}

/** Held from the start, until the file is open. */
function makeHold(worker: Worker): Hold {
  let reasons = 1;
  return {
    take: () => {
      reasons += 1;
      if (reasons === 1) worker.ref();
    },
    release: () => {
      reasons -= 1;
      if (reasons === 0) worker.unref();
    },
  };
}

/** Calls that wait for their answer. */
interface PendingCalls {
  readonly run: (call: Call) => Promise<unknown>;
  readonly settle: (reply: Extract<Reply, { type: "result" | "error" }>) => void;
  /** Takes no more calls; false when that was so before. */
  readonly stop: () => boolean;
  /** Nobody will answer any more. */
  readonly end: () => void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

function makeCalls(worker: Worker, hold: Hold, path: string): PendingCalls {
  const waiting = new Map<number, Waiting>();
  let newest = 0;
  let open = true;
  return {
    run: (call) =>
      new Promise((resolve, reject) => {
        if (!open) return reject(closed(path));
        hold.take();
        newest += 1;
        waiting.set(newest, { resolve, reject });
        post(worker, { type: "call", id: newest, call });
      }),
    settle: (reply) => {
      const caller = waiting.get(reply.id);
      waiting.delete(reply.id);
      hold.release();
      if (reply.type === "result") caller?.resolve(reply.value);
      else caller?.reject(errorOf(reply.error));
    },
    stop: () => {
      const wasOpen = open;
      open = false;
      return wasOpen;
    },
    end: () => {
      open = false;
      for (const { reject } of waiting.values()) reject(closed(path));
      waiting.clear();
    },
  };
}

/** Listens to the thread for good; settles when it has opened the file or could not. */
function readiness(
  worker: Worker,
  host: {
    readonly calls: PendingCalls;
    readonly listeners: Listeners;
    readonly warn: (message: string) => void;
  },
): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on("message", (reply: Reply) => {
      switch (reply.type) {
        case "ready":
          return resolve();
        case "failed":
          return reject(errorOf(reply.error));
        case "written":
          return host.listeners.notify();
        case "warning":
          return host.warn(reply.message);
        case "result":
        case "error":
          return host.calls.settle(reply);
      }
    });
    worker.once("error", reject);
    worker.once("exit", () => reject(unusable("The database's thread ended while it opened.")));
  });
}
