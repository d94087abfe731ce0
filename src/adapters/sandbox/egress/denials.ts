import type { Denial } from "../../../ports/launcher.ts";

/** How many distinct denials one egress reports; what is inside could make up names without end. */
export const MAX_DENIALS_REPORTED = 100;

const MAX_SHOWN_LENGTH = 100;

/** Reports each distinct denial once and nothing beyond the limit; what the listener throws is dropped. */
export function denialReporter(onDenied: (denial: Denial) => void): (denial: Denial) => void {
  const reported = new Set<string>();
  return (denial) => {
    const key = JSON.stringify([denial.host, denial.port, denial.reason]);
    if (reported.size >= MAX_DENIALS_REPORTED || reported.has(key)) return;
    reported.add(key);
    try {
      onDenied(denial);
    } catch {
      // A refusal holds, whoever fails to hear of it.
    }
  };
}

/** A denial with its host made printable and short, and without what stood before an `@`. */
export function denialOf(host: string, port: number | null, reason: string): Denial {
  const shown = host.replace(/^.*@/su, "***@").replace(/[^\x21-\x7e]/gu, "?");
  return { host: shown.slice(0, MAX_SHOWN_LENGTH), port: port ?? 0, reason };
}

/** The one sentence that the client gets. */
export function denialText({ host, port, reason }: Denial): string {
  return `Refused ${host}:${port}, because ${reason}; hosts are allowed by the project's \`hosts\` setting.\n`;
}
