/** Records that end with a NUL byte, as git writes them with `-z`; bytes, because names may be no text. */
export function splitRecords(output: Buffer): Buffer[] {
  const records: Buffer[] = [];
  let start = 0;
  for (let end = output.indexOf(0); end !== -1; end = output.indexOf(0, start)) {
    records.push(output.subarray(start, end));
    start = end + 1;
  }
  return records;
}

/** The same for reading by git. */
export function joinRecords(records: readonly Buffer[]): Buffer {
  return Buffer.concat(records.flatMap((record) => [record, NUL]));
}

/** An entry of an index or tree: `<mode> <rest>` TAB `<path>`. */
export interface EntryRecord {
  readonly mode: string;
  /** The hash of its content. */
  readonly hash: string;
  readonly path: Buffer;
}

/** Reads `ls-files -s` and `ls-tree` records alike; the hash is the last or second word before the path. */
export function entryOf(record: Buffer): EntryRecord {
  const tab = record.indexOf(0x09);
  const words = record.subarray(0, tab).toString("latin1").split(" ");
  const hash = words.find((word) => /^[0-9a-f]{40,64}$/u.test(word)) ?? "";
  return { mode: words[0] ?? "", hash, path: record.subarray(tab + 1) };
}

/** Lines for `update-index --index-info`. */
export function indexInfo(entries: readonly EntryRecord[]): Buffer {
  return joinRecords(
    entries.map(({ mode, hash, path }) => Buffer.concat([Buffer.from(`${mode} ${hash}\t`), path])),
  );
}

const NUL = Buffer.from([0]);
