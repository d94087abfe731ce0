import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { environmentLines } from "../../../../src/adapters/sandbox/container/environment.ts";

const value = fc.string({
  unit: fc.constantFrom("a", "'", '"', "\\", "$", "`", "\n", "\r", " ", "=", "é", "\u{1F319}"),
});

it("a shell reads every value as it was", () => {
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), (values) => {
      const env = Object.fromEntries(values.map((each, index) => [`V_${index}`, each]));
      const names = Object.keys(env);
      const print = `printf '%s\\0' ${names.map((name) => `"$${name}"`).join(" ")}`;
      const out = execFileSync("/bin/sh", ["-c", `${environmentLines(env)}${print}`], {
        encoding: "utf8",
        env: {},
      });
      expect(out.split("\0").slice(0, -1)).toEqual(values);
    }),
    { numRuns: 50 },
  );
});

it.each(["A B", "1A", "", "A;rm", "A\n", "$(x)", "npm_config_//host/:token"])(
  "refuses the name %j",
  (name) => {
    expect(() => environmentLines({ [name]: "x" })).toThrow(/cannot be given the variable/u);
  },
);

it("refuses a value no file can hold", () => {
  expect(() => environmentLines({ A: "\0" })).toThrow("The variable A holds a NUL.");
});
