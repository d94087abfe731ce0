import type { SealedReceipt } from "./receipt.ts";

/** A line of the list of receipts. */
interface Link {
  readonly taskId: number;
  readonly attempt: number;
  readonly sha256: string;
  readonly previous: string | null;
}

/**
 * What is wrong with the list of all receipts of a home, or with a receipt's place in it; null when
 * every line names the one before it and one of them is the receipt's. A line that a crash cut short
 * belongs to nobody.
 */
export function chainProblem(list: string, { receipt, sha256 }: SealedReceipt): string | null {
  const links = list.split("\n").flatMap(linkOf);
  const broken = links.findIndex(
    ({ previous }, index) => previous !== (links[index - 1]?.sha256 ?? null),
  );
  if (broken >= 0) {
    const { taskId, attempt } = links[broken] as Link;
    return `In the list of receipts that of task ${taskId}, attempt ${attempt} does not follow the one before it.`;
  }
  const isListed = links.some(
    (link) =>
      link.sha256 === sha256 &&
      link.taskId === receipt.taskId &&
      link.attempt === receipt.attempt &&
      link.previous === receipt.previous,
  );
  return isListed ? null : "The list of receipts does not name it.";
}

function linkOf(line: string): readonly Link[] {
  try {
    const { taskId, attempt, sha256, previous } = JSON.parse(line) as Link;
    return [{ taskId, attempt, sha256, previous }];
  } catch {
    return [];
  }
}
