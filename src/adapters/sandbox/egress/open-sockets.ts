import type { Socket } from "node:net";

/** The sockets of one egress, whichever side they lead to. */
export interface OpenSockets {
  /** Counts a socket in until it is closed; its errors end nothing but itself. */
  readonly track: (socket: Socket) => void;
  /** Destroys all, and every one that is tracked later; resolves when all are closed. */
  readonly closeAll: () => Promise<void>;
  /** Whether `closeAll` was called. */
  readonly closing: () => boolean;
}

/** Keeps account of sockets, so that none outlives its egress. */
export function openSockets(): OpenSockets {
  const open = new Set<Socket>();
  let closing = false;
  const closeAll = async (): Promise<void> => {
    closing = true;
    await Promise.all([...open].map(closed));
    // Whatever came meanwhile was destroyed at once, and only has to be waited for.
    if (open.size > 0) await closeAll();
  };
  return {
    track: (socket) => {
      socket.on("error", () => {});
      if (closing) socket.destroy();
      if (socket.closed) return;
      open.add(socket);
      socket.once("close", () => open.delete(socket));
    },
    closeAll,
    closing: () => closing,
  };
}

/** Waits for the event: a socket says that it is closed before it tells. */
async function closed(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.destroy();
  });
}
