/** An act that gets through the sandbox as it is today. */
export interface KnownOpen {
  readonly number: number;
  readonly reason: string;
  /** Only where the daemon and its tasks are the same user of the machine. */
  readonly ordinaryOnly?: true;
  /** Only where the system gives the daemon no control groups. */
  readonly ungroupedOnly?: true;
}

/** What is open and known to be: an act that no longer gets through must go from here. */
export const KNOWN_OPEN: readonly KnownOpen[] = [
  {
    number: 515,
    reason:
      "Talking to a socket does not count as writing: give no folder to read that holds sockets.",
    ordinaryOnly: true,
  },
  {
    number: 703,
    reason: "Memory is limited for each process, not for their sum.",
    ungroupedOnly: true,
  },
  {
    number: 704,
    reason: "The folders in memory have sizes of their own beside the limit.",
    ungroupedOnly: true,
  },
  { number: 705, reason: "The bytes of a workspace have no quota." },
  { number: 706, reason: "The files of a workspace have no quota." },
  { number: 708, reason: "Processor time has no limit.", ungroupedOnly: true },
  { number: 712, reason: "The inotify instances of a user have no share.", ordinaryOnly: true },
  { number: 716, reason: "The number of files in the folders in memory has no limit." },
  {
    number: 718,
    reason: "System V shared memory counts for no process.",
    ungroupedOnly: true,
  },
  { number: 719, reason: "Shared mappings count for no process.", ungroupedOnly: true },
  { number: 720, reason: "The kernel's memory is not counted.", ungroupedOnly: true },
];

/** The numbers that are expected to be broken for this user on this machine. */
export function expectedOpen(here: {
  readonly isRoot: boolean;
  readonly hasGroups: boolean;
}): readonly number[] {
  return KNOWN_OPEN.filter(({ ordinaryOnly, ungroupedOnly }) => {
    if (here.isRoot && ordinaryOnly === true) return false;
    return !(here.hasGroups && ungroupedOnly === true);
  }).map(({ number }) => number);
}
