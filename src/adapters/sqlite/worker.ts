import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type Engine, type FileOptions, openEngine } from "./engine.ts";
import { dataOf, type Reply, type Request } from "./messages.ts";

/** The database's thread: opens the file that it was started for, then serves its host until told to close. */
async function main(host: MessagePort): Promise<void> {
  const send = (reply: Reply): void => host.postMessage(reply, []);
  const writes = makeWriteTeller(() => send({ type: "written" }));
  try {
    const engine = await openEngine(workerData as FileOptions, {
      written: writes.tell,
      warn: (message) => send({ type: "warning", message }),
    });
    await engine.loadAll();
    host.on("message", (request: Request) => {
      if (request.type === "watch") writes.watch(request.on);
      answer(engine, host, request, send);
    });
    send({ type: "ready" });
  } catch (error) {
    send({ type: "failed", error: dataOf(error) });
  }
}

function answer(
  engine: Engine,
  host: MessagePort,
  request: Request,
  send: (reply: Reply) => void,
): void {
  switch (request.type) {
    case "call":
      engine.run(request.call).then(
        (value) => send({ type: "result", id: request.id, value }),
        (error: unknown) => send({ type: "error", id: request.id, error: dataOf(error) }),
      );
      return;
    case "watch":
      engine.watch(request.on);
      return;
    case "close":
      engine.close();
      host.close();
      return;
  }
}

/** Tells of writes while somebody watches, once for all that is written in one turn. */
function makeWriteTeller(send: () => void): {
  readonly watch: (on: boolean) => void;
  readonly tell: () => void;
} {
  let watched = false;
  let telling = false;
  return {
    watch: (on) => {
      watched = on;
    },
    tell: () => {
      if (!watched || telling) return;
      telling = true;
      setImmediate(() => {
        telling = false;
        send();
      });
    },
  };
}

if (parentPort !== null) await main(parentPort);
