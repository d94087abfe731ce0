import { fileURLToPath } from "node:url";
import { GROUPS } from "./act.ts";
import type { Level } from "./levels.ts";
import type { Played } from "./play-all.ts";
import { SUITE } from "./suite.ts";

/** What was played at each level as an ordinary user, and in the sandbox of a daemon that is root. */
export type Results = Map<Level | "root", readonly Played[]>;

/** Where the page lies. */
export const PAGE: string = fileURLToPath(new URL("../../docs/security.md", import.meta.url));

/** The whole page, from what was played. */
export function pageOf(results: Results): string {
  const groups = Object.entries(GROUPS).map(([digit, title]) =>
    groupOf(Number(digit), title, results),
  );
  return [
    PREAMBLE,
    `## What is not promised\n\n${BEYOND}`,
    "## The acts",
    totals(results),
    ...groups,
  ]
    .join("\n\n")
    .concat("\n");
}

/** The number and the name of every act that a page lists. */
export function actsIn(page: string): readonly string[] {
  return [...page.matchAll(/^\| (\d{3}) +\| (.*?) +\|/gmu)].map(
    ([, number, name]) => `${number} ${name}`,
  );
}

/** How an act is written in a cell. */
export function cellOf(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("*", "\\*");
}

const PREAMBLE = `# Security: what a task can and cannot get at

This page is written by \`node test/escape/run.ts --write\`, which tries every act below in a throw-away
world: a stand-in for the daemon with secrets, an owner's home with keys, another task, a network.
An act is **held** when it got nothing, and **broken** when it got through.

A task is an agent that works alone, on text that anybody may have written. So what it runs is taken for
hostile, whatever the agent itself means to do. How far it is kept apart is the setting
\`isolation: level\`:

- **sandbox** (the default, Linux with bubblewrap): a task sees the system's programs, its own folder
  and what the settings name, and nothing else of the machine. It has no rights, no processes but its own,
  no network but a way out to the hosts on a list, and a filter in front of the kernel. Where this cannot
  be had no task starts; it is never replaced by less.
- **container** (Linux with Podman or Docker, and an image of yours): the same boundaries, made by the
  engine. A task sees the image, read-only, in place of the system's programs; the way out, the filter, the
  limits and the user that is never root are those of the sandbox, and no engine's socket is ever inside.
  A container ends with its attempt and with the daemon; one that is left is removed at the next start.
  The table does not show this level: \`test/escape/container.test.ts\` plays the acts up to 699 in it.
  Weaker than the sandbox: the engine and its runtime must be trusted, with a daemon of their own where it
  is Docker; labels of SELinux are not used; the names of the control groups can be read; and when the
  daemon, the shell that guards a container and the engine's client are all killed at once, a container
  lives until the next start.
- **sandbox** on macOS (Seatbelt): not verified on a Mac yet. A profile denies all but the system's
  programs, the task's own folder and what the settings name; nothing of the home or of volumes; no network
  but the way out. Even when it holds it promises less: other processes' names may be seen, a tree may
  outlive a daemon that is killed until its next start, nothing but the size of a file is limited, other
  people who are logged in to the same Mac can use a task's way out while it runs, and a server that an
  agent starts itself cannot be reached by it.
- **process**: a clean environment, and a tree of processes that ends with the attempt and with the
  daemon, unless it sets out to outlive them. It keeps tasks in order, it does not keep them out: a task
  can read and write all that you can, and reach every host. Only for tasks that you would run yourself without looking.
- **none**: the same without a namespace for processes, so that parts of a task may also outlive it.

What tasks leave behind is hostile as well. Where tasks are in the sandbox the daemon reads a workspace, and deletes
what was thrown away, only through programs in the same sandbox; what comes out of there is checked by
content before it is kept. It follows no link of a task, and runs nothing that it finds.`;

const BEYOND = `Every act is held in the sandbox. No act can show that these are not promised:

- Where the system gives the daemon no control groups, memory and disk are looked at twice a second: a task
  can take more for a moment before it is ended, and what a process keeps open that forbids looking at it,
  or shared memory of System V that nobody has attached, is not counted.
- Of a folder that may be read, sockets among its first 20,000 entries are covered when a task starts; one
  that is made later can be talked to.
- The kernel is shared. Whoever has an unknown hole in it gets out; for that there are virtual machines.
- What a task is given it can use up, spoil and tell: its own folder, what the settings let it read, the
  hosts on its list, the model it is connected to. An allowed host is a way for data out,
  and so is a registry of packages, by the names that are asked for.
- Time on the processor, the disk and the memory bus are shared, and can be measured from inside.
- The names of the places that are given, the version of the kernel and its load can be seen inside.
- At the levels process and none nothing is promised beyond what is said above.`;

const COLUMNS: readonly (readonly [Level | "root", string])[] = [
  ["sandbox", "sandbox"],
  ["root", "sandbox of a root daemon"],
  ["process", "process"],
  ["none", "none"],
];

function columnsOf(results: Results): typeof COLUMNS {
  return COLUMNS.filter(([key]) => results.has(key));
}

function totals(results: Results): string {
  const lines = columnsOf(results).map(([key, title]) => {
    const all = results.get(key) ?? [];
    const count = (outcome: string): number =>
      all.filter(({ verdict }) => verdict.outcome === outcome).length;
    return `| ${title} | ${count("held")} | ${count("broken")} | ${count("skipped")} |`;
  });
  return [
    `${SUITE.length} acts. A dash means that an act was not played there, mostly because it would harm the machine.`,
    ["| level | held | broken | not played |", "| --- | --- | --- | --- |", ...lines].join("\n"),
  ].join("\n\n");
}

function groupOf(digit: number, title: string, results: Results): string {
  const columns = columnsOf(results);
  const head = ["#", "act", "what must hold", ...columns.map(([, name]) => name)];
  const rows = SUITE.filter(({ number }) => Math.floor(number / 100) === digit).map((act) => {
    const outcomes = columns.map(([key]) => outcomeOf(results.get(key) ?? [], act.number));
    return [String(act.number), cellOf(act.name), cellOf(act.holds)].concat(outcomes);
  });
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const table = [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
  return `### ${title}\n\n${table}`;
}

function outcomeOf(all: readonly Played[], number: number): string {
  const outcome = all.find(({ act }) => act.number === number)?.verdict.outcome;
  if (outcome === "broken") return "**broken**";
  return outcome === "held" ? "held" : "–";
}
