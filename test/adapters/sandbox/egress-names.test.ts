import { hasOpenssl } from "../support.ts";
import * as fc from "fast-check";
import { networkInterfaces } from "node:os";
import { describe, expect, it } from "vitest";
import { isPublicAddress } from "../../../src/adapters/sandbox/egress/addresses.ts";
import { denialOf } from "../../../src/adapters/sandbox/egress/denials.ts";
import { isHostName, judge, splitAuthority } from "../../../src/adapters/sandbox/egress/host.ts";
import type { EgressRules } from "../../../src/adapters/sandbox/egress/options.ts";

const RULES: EgressRules = {
  allow: [
    { host: "allowed.example.org", port: 443 },
    { host: "*.Wild.example.org", port: 443 },
    ...["*", "*.", "*.*", "", "."].map((host) => ({ host, port: 443 })),
  ],
  virtual: [
    { host: "model.sandbox", target: "http://127.0.0.1:1/", headers: async () => await none() },
  ],
};

async function none(): Promise<Record<string, string>> {
  return {};
}

function verdict(authority: string): string {
  return judge(RULES, splitAuthority(authority, null)).type;
}

describe.skipIf(!hasOpenssl)("the list", () => {
  it.each([
    ["allowed.example.org:443", "allowed"],
    ["ALLOWED.Example.ORG:443", "allowed"],
    ["a.wild.example.org:443", "allowed"],
    ["a.b.wild.example.org:443", "allowed"],
    ["model.sandbox:80", "virtual"],
    ["Model.Sandbox:80", "virtual"],
    ["model.sandbox:443", "refused"],
    ["allowed.example.org:22", "refused"],
    ["wild.example.org:443", "refused"],
    ["notwild.example.org:443", "refused"],
    [".wild.example.org:443", "refused"],
    ["*.wild.example.org:443", "refused"],
    ["sub.allowed.example.org:443", "refused"],
    ["allowed.example.org.evil.example:443", "refused"],
    ["evil.example:443", "refused"],
    ["org:443", "refused"],
  ])("%s is %s", (authority, expected) => {
    expect(verdict(authority)).toBe(expected);
  });

  it.each([
    "",
    "0",
    "00443",
    "0443",
    "65536",
    "443443",
    "-443",
    "+443",
    " 443",
    "443 ",
    "4e2",
    "0x1bb",
    "443,80",
  ])("%j is no port", (port) => {
    expect(verdict(`allowed.example.org:${port}`)).toBe("refused");
  });

  it("lets no other string through", () => {
    const parts = "allowed example org wild . * a - \0 % @ :443 : # / é".split(" ");
    const part = fc.constantFrom(...parts);
    const near = fc.array(part, { maxLength: 12 }).map((all) => all.join(""));
    const good = /^(?:allowed|(?:[a-z0-9-]+\.)+wild)\.example\.org:443$/u;
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: "binary" })), (text) => {
        if (!good.test(text.toLowerCase())) expect(verdict(text)).toBe("refused");
      }),
      { numRuns: 2000 },
    );
  });
});

it.skipIf(!hasOpenssl)("a denial shows a name in printable characters, and not without end", () => {
  expect(denialOf("a\0b\u001b[1mé\n", null, "why")).toEqual({
    host: "a?b?[1m??",
    port: 0,
    reason: "why",
  });
  expect(denialOf("a".repeat(1000), 443, "why").host).toHaveLength(100);
});

describe.skipIf(!hasOpenssl)("host names", () => {
  it.each([
    "example.org",
    "a.b.c.d.e",
    "xn--bcher-kva.example",
    "localhost",
    "1and1.example",
    "0x7f.example",
  ])("%s is one", (host) => {
    expect(isHostName(host)).toBe(true);
  });

  it.each([
    ["a NUL", "evil.example\0.allowed.example.org"],
    ["userinfo", "allowed.example.org@evil.example"],
    ["an upper-case letter, folded before", "Allowed.example.org"],
    ["a trailing dot", "allowed.example.org."],
    ["a leading dot", ".allowed.example.org"],
    ["two dots", "allowed..example.org"],
    ["percent encoding", "allowed%2eexample.org"],
    ["an underscore", "allowed_.example.org"],
    ["a space", "allowed.example.org "],
    ["a line break", "allowed.example.org\n"],
    ["a tab", "allowed\t.example.org"],
    ["a slash", "evil.example/allowed.example.org"],
    ["a backslash", "evil.example\\allowed.example.org"],
    ["a fragment", "evil.example#allowed.example.org"],
    ["a wildcard", "*.example.org"],
    ["a letter that is not ASCII", "bücher.example"],
    ["a look-alike", "аllowed.example.org"],
    ["a full-width dot", "allowed。example.org"],
    ["a sharp s", "straße.example"],
    ["a leading hyphen", "-a.example.org"],
    ["a trailing hyphen", "a-.example.org"],
    ["a label of 64", `${"a".repeat(64)}.example.org`],
    ["a name of 254", `${"a.".repeat(124)}org.xx`],
    ["nothing", ""],
    ["dotted decimal", "127.0.0.1"],
    ["short forms", "127.1"],
    ["one integer", "2130706433"],
    ["octal", "0177.0.0.01"],
    ["an octal integer", "017700000001"],
    ["hexadecimal", "0x7f.0x0.0x0.0x1"],
    ["a hexadecimal integer", "0x7f000001"],
    ["a mixture", "127.0.0x1"],
    ["an empty hexadecimal", "127.0.0.0x"],
    ["zero", "0"],
    ["IPv6", "::1"],
    ["IPv6 in brackets", "[::1]"],
    ["mapped IPv6", "[::ffff:127.0.0.1]"],
    ["a zone", "fe80::1%lo"],
  ])("%s is none: %j", (_what, host) => {
    expect(isHostName(host)).toBe(false);
  });
});

describe.skipIf(!hasOpenssl)("addresses", () => {
  it.each([
    "93.184.215.14",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "2606:4700:4700::1111",
    "2a00:1450::1",
    "::ffff:1.1.1.1",
    "64:ff9b::101:101",
  ])("%s is public", (address) => {
    expect(isPublicAddress(address, [])).toBe(true);
  });

  it.each([
    ..."0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 100.127.255.255".split(" "),
    ..."127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1".split(" "),
    ..."172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1".split(" "),
    ..."198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255".split(" "),
    ...":: ::1 0:0:0:0:0:0:0:1 ::127.0.0.1 ::ffff:127.0.0.1 ::FFFF:7f00:1".split(" "),
    ..."0:0:0:0:0:ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1".split(" "),
    ..."64:ff9b:: 64:ff9b:1::1 2002:7f00:1:: 2002:101:101:: 2001:0:1:2:3:4:5:6".split(" "),
    ..."2001:db8::1 3fff::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo fec0::1".split(" "),
    ..."ff02::1 100::1 5f00::1 2606:4700::1%lo localhost 127.1 [::1] example.org".split(" "),
    "",
    "1.1.1.1 ",
  ])("%s is not", (address) => {
    expect(isPublicAddress(address, [])).toBe(false);
  });

  it("none of this machine's own is, in whatever spelling", () => {
    expect(isPublicAddress("::ffff:1.2.3.4", ["1.2.3.4"])).toBe(false);
    expect(isPublicAddress("2606:4700:0:0::1", ["2606:4700::1"])).toBe(false);
    expect(isPublicAddress("2606:4700::1", ["2606:4700:0:0::1"])).toBe(false);
    expect(isPublicAddress("1.2.3.5", ["1.2.3.4"])).toBe(true);
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    expect(own.filter(({ address }) => isPublicAddress(address))).toEqual([]);
  });
});
