/** How many bytes a TLS greeting may take, record headers included. */
export const MAX_GREETING_BYTES: number = 16 * 1024;

/** What the first bytes of a connection are. */
export type Greeting =
  | { readonly type: "incomplete" }
  | { readonly type: "not-tls" }
  | { readonly type: "malformed" }
  /** The server name in lower case, null when the greeting has none. */
  | { readonly type: "hello"; readonly serverName: string | null };

/** Real clients use one or two; more would only make work. */
const MAX_RECORDS = 32;
const RECORD_HEADER_BYTES = 5;
const HANDSHAKE_HEADER_BYTES = 4;
const RANDOM_BYTES = 32;
const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const MAJOR_VERSION = 3;
const SERVER_NAME_EXTENSION = 0;
const HOST_NAME_TYPE = 0;

/**
 * Reads a ClientHello that may be spread over several records; what follows it is not looked at. The
 * outer name of an encrypted hello counts as its name.
 */
export function readClientHello(bytes: Buffer): Greeting {
  const message = readMessage(bytes);
  if (!Buffer.isBuffer(message)) return { type: message };
  try {
    return { type: "hello", serverName: serverNameOf(message) };
  } catch (error) {
    if (error instanceof Malformed) return { type: "malformed" };
    throw error;
  }
}

/** A length in the greeting does not fit what it counts. */
class Malformed extends Error {
  override readonly name = "Malformed";
}

/** The body of the handshake message, put together from its records. */
function readMessage(bytes: Buffer): Buffer | Exclude<Greeting["type"], "hello"> {
  let message: Buffer = Buffer.alloc(0);
  let at = 0;
  for (let records = 0; records < MAX_RECORDS; records += 1) {
    const end = recordEnd(bytes, at);
    if (typeof end === "string") return end;
    message = Buffer.concat([message, bytes.subarray(at + RECORD_HEADER_BYTES, end)]);
    at = end;
    if (message[0] !== CLIENT_HELLO) return "malformed";
    if (message.length < HANDSHAKE_HEADER_BYTES) continue;
    const size = HANDSHAKE_HEADER_BYTES + message.readUIntBE(1, 3);
    if (message.length === size) return message.subarray(HANDSHAKE_HEADER_BYTES);
    // A greeting ends where a record ends: a second message behind it would go unread here.
    if (message.length > size) return "malformed";
  }
  return "malformed";
}

/** Where the handshake record at this place ends, when all of it is there. */
function recordEnd(bytes: Buffer, at: number): number | Exclude<Greeting["type"], "hello"> {
  const notThis = at === 0 ? "not-tls" : "malformed";
  const [type = HANDSHAKE_RECORD, major = MAJOR_VERSION] = bytes.subarray(at, at + 2);
  if (type !== HANDSHAKE_RECORD || major !== MAJOR_VERSION) return notThis;
  if (at + RECORD_HEADER_BYTES > bytes.length) return "incomplete";
  const length = bytes.readUInt16BE(at + 3);
  const end = at + RECORD_HEADER_BYTES + length;
  if (length === 0 || end > MAX_GREETING_BYTES) return "malformed";
  return end > bytes.length ? "incomplete" : end;
}

function serverNameOf(message: Buffer): string | null {
  const hello = reader(message);
  hello.skip(2 + RANDOM_BYTES);
  hello.skip(hello.number(1));
  hello.skip(hello.number(2));
  hello.skip(hello.number(1));
  if (hello.atEnd()) return null;
  const extensions = reader(hello.take(hello.number(2)));
  if (!hello.atEnd()) throw new Malformed();
  let name: string | null = null;
  while (!extensions.atEnd()) {
    const type = extensions.number(2);
    const data = extensions.take(extensions.number(2));
    if (type !== SERVER_NAME_EXTENSION) continue;
    // Two names: nobody knows which one the server takes.
    if (name !== null) throw new Malformed();
    name = hostNameOf(data);
  }
  return name;
}

/** The one name of a server name extension. */
function hostNameOf(data: Buffer): string {
  const extension = reader(data);
  const names = reader(extension.take(extension.number(2)));
  if (names.number(1) !== HOST_NAME_TYPE) throw new Malformed();
  const name = names.take(names.number(2));
  if (!names.atEnd() || !extension.atEnd()) throw new Malformed();
  return name.toString("latin1").toLowerCase();
}

interface Reader {
  readonly atEnd: () => boolean;
  readonly number: (bytes: 1 | 2) => number;
  readonly take: (bytes: number) => Buffer;
  readonly skip: (bytes: number) => void;
}

/** Reads forward; throws `Malformed` past the end. */
function reader(bytes: Buffer): Reader {
  let at = 0;
  const take = (count: number): Buffer => {
    if (at + count > bytes.length) throw new Malformed();
    at += count;
    return bytes.subarray(at - count, at);
  };
  return {
    atEnd: () => at === bytes.length,
    number: (count) => take(count).readUIntBE(0, count),
    take,
    skip: (count) => void take(count),
  };
}
