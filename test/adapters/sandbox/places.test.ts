import { expect, it } from "vitest";
import { placesOf } from "../../../src/adapters/sandbox/places.ts";
import { confineTo } from "./support.ts";

const SPEC = { command: "/bin/true", args: [], cwd: "/", env: {}, mark: "m" };

it.each(["/", "/var/lib", "/usr/local/lib", "/etc/ssl", "/home", "/tmp", "/lib64", "/root"])(
  "%s is never given to a task to write",
  (path) => {
    for (const confinement of [
      confineTo({ workspace: path }),
      confineTo({ workspace: "/tmp" }, { own: [], writable: [path] }),
    ]) {
      expect(() => placesOf(SPEC, confinement)).toThrow(
        `${path} belongs to the system: give tasks a folder of its own to write.`,
      );
    }
  },
);
