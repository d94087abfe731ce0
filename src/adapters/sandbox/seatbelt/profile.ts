import { dirname } from "node:path";

/** Everything a fenced tree gets on a Mac; all paths absolute and free of links, as the kernel sees them. */
export interface SeatbeltView {
  readonly writable: readonly string[];
  readonly readable: readonly string[];
  /** Its own folder for home and temporary files. */
  readonly own: string;
  /** Folders of people, of which nothing is seen but what is given. */
  readonly closed: readonly string[];
  /** The way out and the port on the loopback that leads to it; null where nothing may be reached. */
  readonly wayOut: { readonly socket: string; readonly port: number } | null;
}

/**
 * The profile for sandbox-exec. All is denied that is not named; of two rules for one thing the later
 * counts. No Mac has judged it yet.
 */
export function seatbeltProfile(view: SeatbeltView): string {
  const { own, closed, wayOut } = view;
  const writable = [...view.writable, own];
  const given = [...view.readable, ...writable];
  return [
    "(version 1)",
    "(deny default)",
    "(allow process-fork)",
    "(allow signal (target same-sandbox))",
    "(allow process-info* (target same-sandbox))",
    rule("allow", "sysctl-read", [...named("sysctl-name", SYSCTLS), ...SYSCTL_FAMILIES]),
    rule("allow", "mach-lookup", named("global-name", SERVICES)),
    "(allow ipc-posix-sem)",
    // The way to a place leads through its parents, of which only that they are there is told.
    rule("allow", "file-read-metadata", [...parentsOf([...SYSTEM_FOLDERS, ...SYSTEM_FILES])]),
    rule("allow", "file-read-data", [literal("/")]),
    rule("allow", "file-read* process-exec", SYSTEM_FOLDERS.map(subpath)),
    rule("allow", "file-read*", SYSTEM_FILES.map(literal)),
    rule("allow", "file-read* file-write-data file-ioctl", DEVICES.map(literal)),
    rule("deny", "file-read* file-write* process-exec", closed.map(subpath)),
    rule("allow", "file-read-metadata", parentsOf(given)),
    rule("allow", "file-read* process-exec", given.map(subpath)),
    rule("allow", "file-write*", writable.map(subpath)),
    "(deny file-write-setugid)",
    // Nothing given is moved aside or replaced by a link.
    rule("deny", "file-write-unlink", view.writable.map(literal)),
    ...(wayOut === null ? [] : networkRules(wayOut, own)),
  ]
    .filter((line) => line !== "")
    .join("\n")
    .concat("\n");
}

/** The port is the tree's own: no other port of the machine is reached, not even one that it opened. */
function networkRules(
  { socket, port }: { readonly socket: string; readonly port: number },
  own: string,
): readonly string[] {
  const loopback = quoted(`localhost:${port}`);
  return [
    rule(
      "allow",
      "system-socket",
      ["AF_UNIX", "AF_INET"].map((name) => `(socket-domain ${name})`),
    ),
    rule("allow", "network-bind network-inbound", [`(local ip ${loopback})`]),
    rule("allow", "network-outbound", [
      `(remote ip ${loopback})`,
      `(remote unix-socket (path-literal ${quoted(socket)}))`,
      `(remote unix-socket (subpath ${quoted(own)}))`,
    ]),
    rule("allow", "network-bind", [`(local unix-socket (subpath ${quoted(own)}))`]),
  ];
}

/** A rule for none of its things would be one for all of them. */
function rule(verdict: "allow" | "deny", what: string, filters: readonly string[]): string {
  return filters.length === 0 ? "" : `(${verdict} ${what} ${filters.join(" ")})`;
}

function parentsOf(paths: readonly string[]): readonly string[] {
  const parents = new Set<string>();
  for (const path of paths) {
    for (let at = dirname(path); !parents.has(at); at = dirname(at)) parents.add(at);
  }
  return [...parents].toSorted().map(literal);
}

function subpath(path: string): string {
  return `(subpath ${quoted(path)})`;
}

function literal(path: string): string {
  return `(literal ${quoted(path)})`;
}

function named(kind: string, names: readonly string[]): readonly string[] {
  return names.map((name) => `(${kind} ${quoted(name)})`);
}

/** A string of the profile's language; throws for what no path needs and a reader may take otherwise. */
function quoted(text: string): string {
  if (/\p{Cc}/u.test(text)) {
    throw new Error(
      `${JSON.stringify(text)} cannot be given to a task: its name has a control character.`,
    );
  }
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** The system's programs and libraries, and those of package managers. */
const SYSTEM_FOLDERS = [
  "/usr",
  "/bin",
  "/sbin",
  "/System",
  "/opt/homebrew",
  "/opt/local",
  "/Library/Apple",
  "/Library/Developer",
  "/Library/Fonts",
  "/Library/Frameworks",
  "/Library/Java",
  "/Library/Perl",
  "/Library/Ruby",
  "/Applications/Xcode.app",
  "/private/etc/ssl",
  "/private/var/db/dyld",
  "/private/var/db/timezone",
  "/private/var/select",
];

/** No resolver: names are resolved by the proxy. */
const SYSTEM_FILES = [
  "/etc",
  "/tmp",
  "/var",
  "/private/etc/hosts",
  "/private/etc/localtime",
  "/private/etc/passwd",
  "/private/etc/group",
  "/private/etc/protocols",
  "/private/etc/services",
  "/private/etc/shells",
  "/private/var/db/xcode_select_link",
];

/** No terminals: what is typed into one that is shared comes from somebody else. */
const DEVICES = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/dev/dtracehelper"];

/** Users by name, notices, logs, and whether certificates are trusted: no keychain, clipboard or windows. */
const SERVICES = [
  "com.apple.system.opendirectoryd.libinfo",
  "com.apple.system.opendirectoryd.membership",
  "com.apple.system.notification_center",
  "com.apple.system.logger",
  "com.apple.trustd.agent",
];

/** What runtimes ask of the machine. Not kern.proc and kern.procargs2, which tell others' environments. */
const SYSCTLS = [
  "hw.activecpu",
  "hw.byteorder",
  "hw.cachelinesize",
  "hw.cpufamily",
  "hw.cpufrequency",
  "hw.cputype",
  "hw.logicalcpu",
  "hw.logicalcpu_max",
  "hw.machine",
  "hw.memsize",
  "hw.model",
  "hw.ncpu",
  "hw.nperflevels",
  "hw.packages",
  "hw.pagesize",
  "hw.pagesize_compat",
  "hw.physicalcpu",
  "hw.physicalcpu_max",
  "hw.tbfrequency",
  "kern.argmax",
  "kern.hostname",
  "kern.maxfilesperproc",
  "kern.maxproc",
  "kern.ngroups",
  "kern.osproductversion",
  "kern.osrelease",
  "kern.ostype",
  "kern.osvariant_status",
  "kern.osversion",
  "kern.secure_kernel",
  "kern.usrstack64",
  "kern.version",
  "machdep.cpu.brand_string",
  "sysctl.proc_cputype",
  "vm.loadavg",
];
const SYSCTL_FAMILIES = ["hw.optional.", "hw.perflevel"].map(
  (name) => `(sysctl-name-prefix ${quoted(name)})`,
);
