import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillTemplate, type Template, templateProblem } from "../../../src/core/template.ts";

const TEMPLATE: Template = {
  name: "greet",
  description: "Say hello",
  parameters: [
    { name: "whom", description: "who is greeted", default: null },
    { name: "how", description: "in which words", default: "Hello" },
  ],
  defaults: {},
  text: "{{how}}, {{ whom }}! {{whom}}? {{Whom}} {{ }} {{constructor}} {{whom",
};

function filled(...given: [string, string][]): ReturnType<typeof fillTemplate> {
  return fillTemplate(TEMPLATE, given);
}

describe("a template", () => {
  it("is filled with what is given and else with its defaults; what is no place stays", () => {
    expect(filled(["whom", "ada"])).toEqual({
      ok: true,
      value: {
        text: "Hello, ada! ada? {{Whom}} {{ }} {{constructor}} {{whom",
        template: { name: "greet", values: { whom: "ada", how: "Hello" } },
      },
    });
  });

  it.each(["{{how}}", "$&", "$1", String.raw`\1`, "{{whom}}", "a\nb", ""])(
    "puts %j in as it is",
    (value) => {
      const result = filled(["whom", value], ["how", "Hi"]);
      expect(result.ok && result.value.text).toBe(
        `Hi, ${value}! ${value}? {{Whom}} {{ }} {{constructor}} {{whom`,
      );
    },
  );

  it("never fills what a value looks like", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (how, whom) => {
        const plain = { ...TEMPLATE, text: "<{{how}}|{{whom}}>" };
        const result = fillTemplate(plain, [
          ["how", `{{whom}}${how}`],
          ["whom", whom],
        ]);
        const values = result.ok ? result.value.template.values : {};
        expect(result.ok && result.value.text).toBe(`<${values["how"]}|${values["whom"]}>`);
        expect(values["how"]).toContain("{{whom}}");
      }),
    );
  });

  it("takes what a terminal would obey out of values", () => {
    const result = filled(["whom", "a\u001b[31mda\u0007"]);
    expect(result.ok && result.value.template.values["whom"]).toBe("ada");
  });

  it("refuses what is missing, unknown or set twice", () => {
    const message = (...given: [string, string][]) => {
      const result = filled(...given);
      return result.ok ? null : result.message;
    };
    expect(message()).toBe("The template greet needs whom (who is greeted): add `--set whom=…`.");
    expect(message(["whom", "ada"], ["x\u001b[1m", "1"])).toBe(
      'The template greet has no parameter "x"; it has whom, how (`sle template show greet`).',
    );
    expect(message(["whom", "ada"], ["whom", "bob"])).toBe("whom is set twice; set it once.");
    const bare = fillTemplate({ ...TEMPLATE, parameters: [], text: "Hello" }, [["whom", "ada"]]);
    expect(bare).toEqual({
      ok: false,
      message: 'The template greet has no parameter "whom"; it has none.',
    });
  });

  it("uses each of its parameters, and no other", () => {
    expect(templateProblem("{{ whom }}, {{how}}", TEMPLATE.parameters)).toBeNull();
    expect(templateProblem(TEMPLATE.text, TEMPLATE.parameters)).toContain("{{constructor}}");
    expect(templateProblem(" \n", [])).toContain("has no text");
    expect(templateProblem("{{a}} {{b}}", [{ name: "a" }])).toBe(
      "uses {{b}}, which is not among its parameters",
    );
    expect(templateProblem("{{a}}", [{ name: "a" }, { name: "b" }])).toBe(
      "has the parameter b, which its text does not use",
    );
  });
});
