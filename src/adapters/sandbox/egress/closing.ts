import { STATUS_CODES, type ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Answers on a connection whose parser is gone or failed, and closes it. */
export function closeWith(socket: Socket, status: number, text: string, lingerMs: number): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(text)}`,
    "Connection: close",
  ];
  endWith(socket, `${head.join("\r\n")}\r\n\r\n${text}`, lingerMs);
}

/** Writes the last bytes of a connection and closes it once the client hung up, or after a while. */
export function endWith(socket: Socket, bytes: string | Uint8Array, lingerMs: number): void {
  // Closed with bytes unread, the answer might be lost to the client; so the rest is read and dropped.
  socket.on("data", () => {});
  socket.resume();
  socket.once("end", () => socket.destroySoon());
  socket.end(bytes);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
}

/** Answers a request with one sentence; what is left of its body is dropped. */
export function answer(response: ServerResponse, status: number, text: string): void {
  response.req.resume();
  // The reason is named, because a failed attempt may have left another one behind.
  response.writeHead(status, STATUS_CODES[status], {
    "content-type": "text/plain; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
