import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  seatbeltProfile,
  type SeatbeltView,
} from "../../../../src/adapters/sandbox/seatbelt/profile.ts";
import { allows, type Form, formsOf } from "./sbpl.ts";

const HOME = "/Users/owner";
const WORKSPACE = `${HOME}/.sleepless/workspaces/12`;
const VIEW: SeatbeltView = {
  writable: [WORKSPACE],
  readable: [`${HOME}/notes`, "/opt/tool/bin/agent"],
  own: "/private/tmp/sle-run-1/own",
  closed: ["/Users", "/Volumes"],
  wayOut: { socket: "/private/tmp/sle-run-1/out", port: 23_456 },
};
const profile = seatbeltProfile(VIEW);

describe("the profile for Seatbelt", () => {
  it("begins by denying all, and allows nothing without saying what", () => {
    const [version, first, ...rest] = formsOf(profile);
    expect([version, first]).toEqual(formsOf("(version 1)(deny default)"));
    const bare = rest.filter(
      (form) => Array.isArray(form) && !form.some((each: Form) => Array.isArray(each)),
    );
    expect(bare).toEqual(
      formsOf("(allow process-fork)(allow ipc-posix-sem)(deny file-write-setugid)"),
    );
  });

  it.each([
    ["file-read-data", "/usr/bin/git"],
    ["process-exec", "/bin/sh"],
    ["file-read-data", "/private/etc/hosts"],
    ["file-read-data", `${HOME}/notes/deep/a.txt`],
    ["process-exec", "/opt/tool/bin/agent"],
    ["file-write-data", `${WORKSPACE}/src/a.ts`],
    ["process-exec", `${WORKSPACE}/run.sh`],
    ["file-write-create", `${VIEW.own}/tmp/x`],
    ["file-read-metadata", HOME],
    ["file-write-data", "/dev/null"],
  ])("allows %s of %s", (operation, path) => {
    expect(allows(profile, operation, path)).toBe(true);
  });

  it.each([
    ["file-read-data", `${HOME}/.ssh/id_ed25519`],
    ["file-read-metadata", `${HOME}/.ssh`],
    ["file-read-data", HOME],
    ["file-read-data", `${HOME}/.sleepless/workspaces/13/a`],
    ["file-read-data", `${WORKSPACE}-other/a`],
    ["file-read-data", "/Volumes/Backup/x"],
    ["file-read-data", "/private/etc/master.passwd"],
    ["file-read-data", "/private/etc/ssh/ssh_host_rsa_key"],
    ["file-read-data", "/Library/Keychains/System.keychain"],
    ["file-read-data", "/private/tmp/somebody-elses"],
    ["file-read-data", "/private/tmp/sle-run-1/other"],
    ["file-read-data", "/dev/ttys001"],
    ["file-write-data", `${HOME}/notes/a.txt`],
    ["file-write-create", "/usr/local/bin/x"],
    ["file-write-create", "/private/tmp/x"],
    ["file-write-unlink", WORKSPACE],
    ["file-write-setugid", `${WORKSPACE}/a`],
    ["process-exec", `${HOME}/bin/x`],
  ])("denies %s of %s", (operation, path) => {
    expect(allows(profile, operation, path)).toBe(false);
  });

  it("lets nothing out but by the tree's own port and sockets", () => {
    const network = (view: SeatbeltView): readonly string[] =>
      seatbeltProfile(view)
        .split("\n")
        .filter((line) => /network|socket/u.test(line));
    expect(network(VIEW)).toEqual([
      "(allow system-socket (socket-domain AF_UNIX) (socket-domain AF_INET))",
      '(allow network-bind network-inbound (local ip "localhost:23456"))',
      `(allow network-outbound (remote ip "localhost:23456") (remote unix-socket (path-literal "${VIEW.wayOut?.socket}")) (remote unix-socket (subpath "${VIEW.own}")))`,
      `(allow network-bind (local unix-socket (subpath "${VIEW.own}")))`,
    ]);
    expect(network({ ...VIEW, wayOut: null })).toEqual([]);
  });

  it("asks no service that keeps secrets, and nothing about other processes", () => {
    expect(profile).not.toMatch(/securityd|SecurityServer|cfprefsd|pasteboard|tccd|windowserver/iu);
    expect(profile).not.toMatch(/kern\.proc|appleevent|iokit|lsopen/iu);
  });
});

describe("a path in the profile", () => {
  const name = fc
    .string({
      unit: fc.constantFrom(
        "a",
        '"',
        "\\",
        ")",
        "(",
        ";",
        "#",
        " ",
        "'",
        "*",
        "é",
        "|",
        "$",
        "[",
        "x41",
      ),
    })
    .filter((text) => text !== "");

  it("cannot break out of its string, whatever it is called", () => {
    const shape = (forms: readonly Form[]): unknown =>
      forms.map((form) =>
        Array.isArray(form)
          ? shape(form)
          : "text" in form
            ? "text"
            : (form as { word: string }).word,
      );
    const plain = shape(
      formsOf(seatbeltProfile({ ...VIEW, writable: ["/w/a"], readable: ["/r/a"] })),
    );
    fc.assert(
      fc.property(name, name, (one, two) => {
        const odd = { ...VIEW, writable: [`/w/${one}`], readable: [`/r/${two}`] };
        const forms = formsOf(seatbeltProfile(odd));
        expect(shape(forms)).toEqual(plain);
        expect(allows(seatbeltProfile(odd), "file-write-data", `/w/${one}/x`)).toBe(true);
        expect(allows(seatbeltProfile(odd), "file-read-data", `/r/${two}`)).toBe(true);
      }),
    );
  });

  it.each(["\n", "\0", "\u001b", "\r", "\u0085"])("with %j in it is refused", (odd) => {
    for (const key of ["writable", "readable", "closed"] as const) {
      expect(() => seatbeltProfile({ ...VIEW, [key]: [`/a${odd}b`] })).toThrow(
        /control character/u,
      );
    }
    expect(() => seatbeltProfile({ ...VIEW, own: `/a${odd}b` })).toThrow(/control character/u);
    const wayOut = { socket: `/a${odd}b`, port: 1 };
    expect(() => seatbeltProfile({ ...VIEW, wayOut })).toThrow(/control character/u);
  });
});
