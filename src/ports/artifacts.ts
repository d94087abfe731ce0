/** Files of results: `results/<date>/<task>-<attempt>/…`, written as streams. */
export interface Artifacts {
  /** Makes the folder of an attempt; answers its absolute path and the path relative to the home. */
  readonly open: (
    taskId: number,
    attempt: number,
    at: number,
  ) => Promise<{ readonly path: string; readonly relative: string }>;
  /** Writes a small file of ours; replaces it whole or not at all. */
  readonly write: (folder: string, name: string, content: string) => Promise<void>;
  /** Reads at most `maxBytes` from the end of a file; null when it is not there. */
  readonly tail: (folder: string, name: string, maxBytes: number) => Promise<string | null>;
}
