import type { Audit } from "../../../core/audit/audit.ts";
import { type Note, PROMISES } from "../../../core/audit/entry.ts";
import { printableLine } from "../../../core/terminal.ts";
import type { RunCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { nothingYet } from "../nothing-yet.ts";
import { table } from "../render/table.ts";
import { type View, localTimes, viewOf } from "../render/view.ts";

/** Balances the books; the exit code says whether they do. */
export const audit: RunCommand = async (call) => {
  const doors = await call.context.open();
  if (doors === null) return nothingYet(call, null);
  const found = await doors.queries.audit();
  const exit = call.output.answer(found, () => renderAudit(viewOf(call), found));
  return exit === EXIT.ok && found.imbalance > 0 ? EXIT.other : exit;
};

function renderAudit(view: View, found: Audit): string {
  const { promises, outcomes, imbalance, kinds, openNotes, imbalances } = found;
  const rows = PROMISES.map((kind) => {
    const each = kinds[kind];
    return [kind, `${each.promises}`, `${each.outcomes}`, `${each.open}`, `${each.imbalance}`];
  });
  const line = `promises ${promises}, outcomes ${outcomes}, imbalance ${imbalance}`;
  return [
    view.paint(imbalance === 0 ? "green" : "red", line),
    "",
    table(["", "PROMISES", "OUTCOMES", "OPEN", "IMBALANCE"], rows, view.columns),
    ...section(view, "Does not balance", imbalances),
    ...section(view, "Still open", openNotes),
  ].join("\n");
}

/** Most notes of a sort that are shown; `--json` has them all. */
const NOTES_SHOWN_MAX = 50;

function section(view: View, title: string, notes: readonly Note[]): readonly string[] {
  if (notes.length === 0) return [];
  const more = notes.length - NOTES_SHOWN_MAX;
  return [
    "",
    view.paint("bold", title),
    ...notes
      .slice(0, NOTES_SHOWN_MAX)
      .flatMap(({ message, advice }) => [
        `  ${localTimes(view, printableLine(message))}`,
        `    ${view.paint("dim", advice)}`,
      ]),
    ...(more > 0 ? [`  and ${more} more; \`sle audit --json\` has them all`] : []),
  ];
}
