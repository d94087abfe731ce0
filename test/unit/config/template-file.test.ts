import { describe, expect, it } from "vitest";
import { SHIPPED_TEMPLATES } from "../../../src/config/shipped-templates.ts";
import { parseTemplate } from "../../../src/config/template-file.ts";
import { fillTemplate, TEMPLATE_NAME } from "../../../src/core/template.ts";

function file(head: string, text = "Do it."): string {
  return `---\n${head}\n---\n${text}\n`;
}

describe("the file of a template", () => {
  it("is read with its parameters and what its tasks ask for", () => {
    const head = `description: Say hello
kind: serious
project: site
priority: high
executor: claude-code
model: opus
isolation: sandbox
timeout: 90m
retries: 0
night: true
parameters:
  whom: { description: who is greeted }
  often: { description: how often, default: 3 }`;
    const text = "Greet {{whom}}\n\n---\n{{often}} times.";
    expect(parseTemplate("greet", file(head, text).replaceAll("\n", "\r\n"))).toEqual({
      ok: true,
      value: {
        name: "greet",
        description: "Say hello",
        parameters: [
          { name: "whom", description: "who is greeted", default: null },
          { name: "often", description: "how often", default: "3" },
        ],
        defaults: {
          kind: "serious",
          project: "site",
          priority: "high",
          executor: "claude-code",
          model: "opus",
          isolation: "sandbox",
          timeoutMs: 5_400_000,
          attemptsMax: 1,
          nightOnly: true,
        },
        text,
      },
    });
  });

  it.each([
    ["Do it.", "must begin with a line of ---"],
    [file(""), "its head must be settings of a template"],
    [file("description: x\nchecks: [a]"), "has no setting checks"],
    [file("description: [x]"), "description must be what the template is for: one line of text"],
    [file("description: x\nkind: generated"), "kind must be one of serious, thought"],
    [file("description: x\nnight: yes please"), "night must be true or false"],
    [file("description: x\nparameters: { Whom: { description: y } }"), "parameters"],
    [file("description: x\nparameters: { whom: y }"), "parameters.whom must have a `description`"],
    [file("description: x\nparameters: { whom: { description: y } }"), "its text does not use"],
    [file("description: x", "{{whom}}"), "uses {{whom}}"],
    [file("description: x", " "), "has no text"],
    [file("description: {"), "Flow map"],
    [file("a: &a [x]\ndescription: *a"), "is not YAML"],
  ])("%j is told to be wrong", (source, message) => {
    const parsed = parseTemplate("greet", source);
    expect(parsed.ok ? null : parsed.message).toContain(message);
  });
});

describe("the templates that come along", () => {
  it.each(Object.entries(SHIPPED_TEMPLATES))("%s is sound and can be filled", (name, source) => {
    expect(TEMPLATE_NAME.test(name)).toBe(true);
    const parsed = parseTemplate(name, source);
    expect(parsed.ok ? null : parsed.message).toBeNull();
    if (!parsed.ok) return;
    const required = parsed.value.parameters.filter((each) => each.default === null);
    const filled = fillTemplate(
      parsed.value,
      required.map((each) => [each.name, "something"] as const),
    );
    expect(filled.ok && filled.value.text).not.toMatch(/\{\{|\}\}/u);
  });
});
