import { describe, expect, it } from "vitest";
import { HOST_ETC_ENTRIES, syntheticEtc } from "../../../src/adapters/sandbox/etc.ts";

const PARTS = {
  uid: 1000,
  gid: 1001,
  userName: "task",
  home: "/home/task",
  hostName: "sandbox",
};

describe("the made-up /etc", () => {
  it("knows the task's user and nobody, this machine and no name server", () => {
    expect(syntheticEtc(PARTS)).toEqual({
      passwd:
        "task:x:1000:1001::/home/task:/bin/sh\n" +
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
      group: "task:x:1001:\nnogroup:x:65534:\n",
      hosts: "127.0.0.1 localhost sandbox\n::1 localhost sandbox\n",
      "resolv.conf": "# No name is resolved in here: the proxy does it.\n",
      "nsswitch.conf":
        "passwd: files\ngroup: files\nshadow: files\nhosts: files\n" +
        "networks: files\nprotocols: files\nservices: files\n",
      hostname: "sandbox\n",
    });
  });

  it("names nobody once when the task is nobody", () => {
    const etc = syntheticEtc({ ...PARTS, uid: 65_534, gid: 65_534, userName: "nobody" });
    expect(etc["passwd"]).toBe("nobody:x:65534:65534::/home/task:/bin/sh\n");
    expect(etc["group"]).toBe("nobody:x:65534:\n");
  });

  it.each([
    { userName: "task:x:0:0" },
    { userName: "" },
    { home: "/home/task\nroot:x:0:0::/:/bin/sh" },
    { home: "/home/a:b" },
    { hostName: "sandbox evil" },
    { hostName: "sand\0box" },
  ])("takes no part that would say more: %j", (part) => {
    expect(() => syntheticEtc({ ...PARTS, ...part })).toThrow("cannot stand in a line of /etc");
  });
});

describe("the entries of the host's /etc", () => {
  it("are paths below /etc, each once", () => {
    expect(
      HOST_ETC_ENTRIES.filter((entry) => !/^[\w][\w.-]*(\/[\w][\w.-]*)*$/u.test(entry)),
    ).toEqual([]);
    expect(new Set(HOST_ETC_ENTRIES).size).toBe(HOST_ETC_ENTRIES.length);
  });

  it("hold no accounts, no secrets and nothing that is made up", () => {
    const kept =
      "shadow gshadow sudoers ssh environment npmrc gitconfig pip.conf machine-id maven php ssl pki pki/tls";
    const forbidden = new Set([...Object.keys(syntheticEtc(PARTS)), ...kept.split(" ")]);
    expect(HOST_ETC_ENTRIES.filter((entry) => forbidden.has(entry))).toEqual([]);
  });
});
