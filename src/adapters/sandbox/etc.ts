/** Who a task is inside of its sandbox. */
export interface EtcParts {
  readonly uid: number;
  readonly gid: number;
  readonly userName: string;
  /** Absolute path of the home folder, as it is inside. */
  readonly home: string;
  readonly hostName: string;
}

/** The files a sandbox has in /etc in place of the host's, by name; throws for a part no line can hold. */
export function syntheticEtc(parts: EtcParts): Readonly<Record<string, string>> {
  for (const part of [parts.userName, parts.home, parts.hostName]) refuseSeparators(part);
  const { uid, gid, userName, home, hostName } = parts;
  // No gitconfig: the workspace belongs to the task's own user, and git is right to doubt any other.
  return {
    passwd: lines(`${userName}:x:${uid}:${gid}::${home}:/bin/sh`, ...nobodyBeside(uid, userName)),
    group: lines(`${userName}:x:${gid}:`, ...(gid === OVERFLOW_ID ? [] : [NOGROUP])),
    hosts: lines(`127.0.0.1 localhost ${hostName}`, `::1 localhost ${hostName}`),
    "resolv.conf": lines("# No name is resolved in here: the proxy does it."),
    "nsswitch.conf": lines(...NAME_DATABASES.map((database) => `${database}: files`)),
    hostname: lines(hostName),
  };
}

// Certificates and their policies (ssl, ca-certificates, pki, crypto-policies); which program a name
// in /usr/bin means (alternatives); how libraries are found (ld.so.*); the time zone; tables of libc
// and of build tools (services, protocols, mime.types, magic); what terminals and fonts there are; which
// system this is, as installers ask; parts of packages in /usr that are links to here (JDKs of Debian
// and Fedora, Maven without its settings, TeX, XML catalogs, .NET); what Debian's start script of
// Chromium sources, without the keys beside it. Left out as they can hold secrets: gitconfig, npmrc,
// pip.conf, environment, maven/settings.xml, php, the private keys in ssl and pki.
/** Entries of the host's /etc that a sandbox sees read-only where they exist, as paths below /etc. */
export const HOST_ETC_ENTRIES: readonly string[] = [
  "ssl/certs",
  "ssl/openssl.cnf",
  "ca-certificates",
  "pki/ca-trust",
  "pki/tls/certs",
  "pki/tls/cert.pem",
  "pki/tls/openssl.cnf",
  "crypto-policies",
  "alternatives",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "localtime",
  "timezone",
  "services",
  "protocols",
  "mime.types",
  "magic",
  "terminfo",
  "fonts",
  "os-release",
  "lsb-release",
  "debian_version",
  "redhat-release",
  "java",
  "java-8-openjdk",
  "java-11-openjdk",
  "java-17-openjdk",
  "java-21-openjdk",
  "java-25-openjdk",
  "maven/m2.conf",
  "maven/logging",
  "texmf",
  "xml",
  "sgml",
  "dotnet",
  "chromium.d/default-flags",
  "chromium.d/dev-shm",
];

/** What files of users who are not in this user namespace seem to belong to. */
const OVERFLOW_ID = 65_534;

const NOBODY = `nobody:x:${OVERFLOW_ID}:${OVERFLOW_ID}:nobody:/nonexistent:/usr/sbin/nologin`;

const NOGROUP = `nogroup:x:${OVERFLOW_ID}:`;

const NAME_DATABASES = [
  "passwd",
  "group",
  "shadow",
  "hosts",
  "networks",
  "protocols",
  "services",
] as const;

function refuseSeparators(part: string): void {
  if (part === "" || /[:\s]/u.test(part) || part.includes("\0")) {
    throw new Error(`${JSON.stringify(part)} cannot stand in a line of /etc`);
  }
}

function nobodyBeside(uid: number, userName: string): readonly string[] {
  return uid === OVERFLOW_ID || userName === "nobody" ? [] : [NOBODY];
}

function lines(...all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
