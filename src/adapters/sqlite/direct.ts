import type { Store } from "../../ports/store.ts";
import { type FileOptions, openEngine } from "./engine.ts";
import { closed } from "./errors.ts";
import { storeOver } from "./facade.ts";
import { makeListeners } from "./listeners.ts";

/** Runs the database in this thread: nothing to start, but a slow disk holds up the event loop. */
export async function openDirect(
  options: FileOptions,
  warn: (message: string) => void,
): Promise<Store> {
  const listeners = makeListeners(
    () => engine.watch(true),
    () => engine.watch(false),
  );
  const engine = await openEngine(options, { written: listeners.notify, warn });
  let open = true;
  return storeOver((call) => (open ? engine.run(call) : Promise.reject(closed(options.path))), {
    watch: listeners.add,
    [Symbol.asyncDispose]: () => {
      if (open) engine.close();
      open = false;
      return Promise.resolve();
    },
  });
}
