import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createLauncher } from "../../../src/adapters/process/launcher.ts";
import { type SecondOpinion, secondOpinion } from "../../../src/adapters/secrets/second-opinion.ts";
import type { ScannedText } from "../../../src/core/secrets/finding.ts";
import { fencingLauncher, sandbox } from "../sandbox/support.ts";
import { temporaryFolder } from "../support.ts";

const NEVER = new AbortController().signal;
const SECRET = "k7Qz2mXw9RbT4vLp8NcJ3hYd";

/**
 * A stand-in for the scanners, which Debian does not have: it takes their arguments and writes a report
 * in their form, of every line with `SECRET` in it.
 */
const STAND_IN = `#!/bin/sh
while [ $# -gt 0 ]; do
  case $1 in
    dir|--source) folder=$2; shift ;;
    --report-path) report=$2; shift ;;
    --report-format|--exit-code) shift ;;
    detect|--no-git|--no-banner) ;;
    *) echo "unknown flag: $1" >&2; exit 126 ;;
  esac
  shift
done
cd "$folder" || exit 1
{
  printf '['
  between=
  grep -rn "${SECRET}" . | sort | while IFS=: read -r file line rest; do
    case $rest in *leaks:allow*) continue ;; esac
    printf '%s{"RuleID":"RULE","Description":"A rule","StartLine":%s,"EndLine":%s,"Match":"m","Secret":"${SECRET}","File":"%s/%s","Entropy":4.1}' \\
      "$between" "$line" "$line" "$folder" "$file"
    between=,
  done
  printf ']'
} > "$report"
`;

interface Setup {
  readonly name?: "gitleaks" | "betterleaks";
  readonly script?: string;
  readonly isFenced?: boolean;
  readonly signal?: AbortSignal;
}

async function ask(
  texts: readonly ScannedText[],
  { name = "gitleaks", script = STAND_IN, isFenced = false, signal = NEVER }: Setup = {},
): Promise<SecondOpinion | null> {
  await using folder = await temporaryFolder();
  const [programs, temporary] = [join(folder.path, "bin"), join(folder.path, "tmp")];
  for (const path of [programs, temporary]) await mkdir(path);
  await chmod(folder.path, 0o755);
  await writeFile(join(programs, name), script, { mode: 0o755 });
  const launcher = isFenced ? await fencingLauncher() : await createLauncher();
  const parts = { launcher, isFenced, searchPath: programs, temporary };
  try {
    return await secondOpinion(parts, texts, signal);
  } finally {
    expect(await readdir(temporary)).toEqual([]);
  }
}

function file(path: string, text: string, more: object = {}): ScannedText {
  return { where: { kind: "file", path, ...more }, text };
}

const texts: readonly ScannedText[] = [
  file("src/a.ts", `one\nkey = "${SECRET}"\n`, { line: 40 }),
  { ...file("b", `${SECRET}\n${SECRET}`), added: new Set([2]) },
  file(`../../${SECRET}/.gitleaksignore`, `${SECRET} // gitleaks:allow`),
  file("test/c.ts", `${SECRET} // sleepless:allow-secret, betterleaks:allow`),
  { where: { kind: "message" }, text: `words\n${SECRET}` },
  { where: { kind: "file-name" }, text: SECRET },
];

describe.each([
  ["gitleaks", false],
  ["betterleaks", false],
  ["gitleaks", true],
] as const)("%s, fenced: %s", (name, isFenced) => {
  it.skipIf(isFenced && !sandbox.ok)("its report becomes findings of ours", async () => {
    const opinion = await ask(texts, { name, isFenced });
    expect(opinion).toMatchObject({ program: name, problem: null });
    const told = opinion?.findings.map((each) => [
      each.kind,
      each.path,
      each.line,
      each.severity,
      each.allowedBy,
    ]);
    expect(told).toEqual([
      ["file", "src/a.ts", 41, "block", null],
      ["file", "b", 2, "block", null],
      ["file", "../../***/.gitleaksignore", 1, "block", null],
      ["file", "test/c.ts", 1, "warn", "comment"],
      ["message", null, null, "block", null],
    ]);
    expect(opinion?.findings[0]).toMatchObject({
      rule: `${name}/RULE`,
      title: `RULE by ${name}`,
      preview: "*** (24 characters)",
    });
    expect(JSON.stringify(opinion)).not.toContain(SECRET);
  });
});

describe("a scanner that is not as it should be", () => {
  it("is not asked when it is not there", async () => {
    const launcher = await createLauncher();
    const parts = { launcher, isFenced: false, searchPath: "/nowhere", temporary: "/nowhere" };
    expect(await secondOpinion(parts, texts, NEVER)).toBeNull();
  });

  it.each([
    ["#!/bin/sh\necho one >&2; echo broken >&2; exit 2\n", "it did not end well: broken"],
    ["#!/bin/sh\nexit 3\n", "it did not end well: it said nothing"],
    ["#!/bin/sh\nexit 0\n", "its report cannot be read"],
    [`#!/bin/sh\necho '{"a":1}' > report.json\n`, "its report cannot be read"],
    ["#!/bin/sh\necho '[' > report.json\n", "its report cannot be read"],
    ["#!/bin/sh\nln -s /etc/passwd report.json\n", "its report cannot be read"],
    ["#!/bin/sh\nmkfifo report.json\n", "its report cannot be read"],
  ])("says why: %j", async (script, why) => {
    expect(await ask(texts, { script })).toEqual({
      program: "gitleaks",
      findings: [],
      problem: `gitleaks was asked, but ${why}`,
    });
  });

  it("entries of another form, and of files that are not ours, are left out", async () => {
    const entry = {
      RuleID: "generic-api-key",
      File: "x/0/a.ts",
      StartLine: 2,
      Secret: "",
      Match: "m",
    };
    const entries = [
      entry,
      null,
      7,
      { ...entry, RuleID: 1 },
      { ...entry, File: "/etc/passwd" },
      { ...entry, File: "x/99/a" },
      { ...entry, StartLine: 99 },
      { ...entry, StartLine: "2" },
      { ...entry, Match: null },
    ];
    const script = `#!/bin/sh\ncat > report.json <<'END'\n${JSON.stringify(entries)}\nEND\n`;
    const opinion = await ask(texts, { script });
    expect(opinion?.findings.map(({ rule, severity, line }) => [rule, severity, line])).toEqual([
      ["gitleaks/generic-api-key", "warn", 41],
    ]);
  });

  it("null is a report of nothing", async () => {
    const script = "#!/bin/sh\necho null > report.json\n";
    expect(await ask(texts, { script })).toMatchObject({ findings: [], problem: null });
  });

  it("ends with the signal", async () => {
    const stop = new AbortController();
    const asked = ask(texts, { script: "#!/bin/sh\nsleep 600\n", signal: stop.signal });
    setTimeout(() => stop.abort(new Error("stopped by a person")), 300);
    await expect(asked).rejects.toThrow("stopped by a person");
  });
});
