import type { Landings } from "../../engine/landing/landings.ts";
import type { Queries } from "../../engine/queries.ts";
import type { Schedules } from "../../engine/schedules.ts";
import type { Restoring } from "../../engine/restoring.ts";
import type { HealthCheck } from "../../engine/views.ts";
import type { Tasks } from "../../engine/tasks.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StoreCare } from "../../ports/store.ts";
import type { Result } from "../../core/problem.ts";
import type { Template } from "../../core/template.ts";
import type { ExitCode } from "./exit-codes.ts";

/** What holds for every command, taken from the words before the context is made. */
export interface GlobalOptions {
  /** Folder given with `--home`; null means the environment or the default decides. */
  readonly home: string | null;
  /** Fields given with `--json=a,b`; an empty list means all; null means text for people. */
  readonly json: readonly string[] | null;
  /** False with `--no-color`. */
  readonly color: boolean;
  /** Print only what was asked for: no confirmations, no hints. */
  readonly quiet: boolean;
}

/** Makes the context of one call; must do next to nothing, every door opens lazily. */
export type MakeCliContext = (globals: GlobalOptions) => CliContext;

/** Everything the command line asks of the program around it: the app fills it, tests fake it. */
export interface CliContext extends AsyncDisposable {
  readonly version: string;
  /** Absolute path of the home folder, whether it exists or not. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: InputStream;
  readonly clock: Clock;
  /** IANA zone of the person, for the times they write and read. Lazy: finding it is not free. */
  readonly timeZone: () => string;
  /** Who acts, as it is stored with what they do. */
  readonly by: string;
  /** Absolute path of a path as the person wrote it, from where they stand. */
  readonly resolvePath: (path: string) => string;
  readonly isFolder: (path: string) => Promise<boolean>;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  /** The door to write; makes home and database when they are missing. Loads nothing else. */
  readonly begin: () => Promise<Tasks>;
  /** The doors of an existing home; null when there is no database yet. */
  readonly open: () => Promise<Doors | null>;
  /** True when some daemon gave a sign of life lately; cheap, no second door is loaded. */
  readonly daemonLives: () => Promise<boolean>;
  readonly daemon: () => Promise<DaemonControl>;
  /** The templates of this home and those that came along. */
  readonly templates: () => Promise<TemplatesDoor>;
  /** The decisions about results; call after `open`, whose database it uses. */
  readonly landings: () => Promise<Result<Landings>>;
  /** The door to what comes again; call after `begin` or `open`, whose database it uses. */
  readonly schedules: () => Promise<Schedules>;
  readonly settings: () => Promise<SettingsDoor>;
  /** Judges this machine, the home, the database, the executors and the daemon. */
  readonly doctor: (signal: AbortSignal) => Promise<readonly Finding[]>;
  readonly setup: () => Promise<Setup>;
  /** The door to what was kept of tasks; null when there is no database yet. */
  readonly restoring: () => Promise<Result<Restoring> | null>;
  /** At most `length` bytes of a result file from `offset`; an offset below zero counts from its end. */
  readonly readResult: (folder: string, name: string, range: ByteRange) => Promise<FilePart | null>;
  /** A whole input file, or standard input for `-`; refuses more than `maxBytes` with a sentence. */
  readonly readInput: (path: string, maxBytes: number) => Promise<Result<Uint8Array>>;
  /** Asks the person at the terminal; call only when `stdin` and `stderr` are terminals. */
  readonly prompt: () => Promise<Prompt>;
}

/** The doors of an existing home. */
export interface Doors {
  readonly tasks: Tasks;
  readonly queries: Queries;
  readonly care: StoreCare;
}

/** Where text goes. */
export interface OutputStream {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  /** Size in characters as it is now; 80 by 24 when unknown. */
  readonly size: () => { readonly columns: number; readonly rows: number };
}

/** Where keys come from. */
export interface InputStream {
  readonly isTTY: boolean;
  /** Hands every key to `onKey` as it is pressed, unechoed, until disposed. */
  readonly keys: (onKey: (key: string) => void) => Disposable;
}

/** A part of a file, in bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

/** A part of a file, with where it began and how large the file was. */
export interface FilePart {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly size: number;
}

/** Starts and ends the daemon of this home. */
export interface DaemonControl {
  /** Runs in this process until told to stop by a signal; answers how it ended. */
  readonly run: () => Promise<ExitCode>;
  /** Starts it detached and resolves after its first sign of life. */
  readonly start: () => Promise<DaemonStart>;
  /** Asks it to end; `now` interrupts agents instead of letting them finish within the grace. */
  readonly stop: (options: { readonly now: boolean }) => Promise<DaemonStop>;
  /** File that a detached daemon logs to. */
  readonly logPath: string;
}

/** Reads templates. */
export interface TemplatesDoor {
  /** Where a person's own are. */
  readonly folder: string;
  readonly list: () => Promise<readonly TemplateEntry[]>;
  readonly read: (name: string) => Promise<Result<KnownTemplate>>;
}

/** One template in a list; one that is not sound says why. */
export interface TemplateEntry {
  readonly name: string;
  /** Path of its file, or `shipped`; null when it could not be read. */
  readonly origin: string | null;
  readonly description: string | null;
  readonly problem: string | null;
}

/** A template with where it is from, and its file. */
export interface KnownTemplate {
  readonly template: Template;
  readonly origin: string;
  readonly source: string;
}

/** What came of starting a daemon. */
export type DaemonStart =
  | { readonly type: "started" | "already-running"; readonly pid: number }
  | { readonly type: "failed"; readonly message: string };

/** What came of stopping a daemon. */
export type DaemonStop =
  | { readonly type: "stopped"; readonly pid: number }
  | { readonly type: "not-running" }
  /** It took the request and is still letting agents finish. */
  | { readonly type: "ending"; readonly pid: number };

/** Reads, checks and changes the settings of a home. */
export interface SettingsDoor {
  /** The file that `set` writes. */
  readonly path: string;
  /** Every setting as it counts now, or every mistake with its file and line. */
  readonly read: () => Promise<SettingsRead>;
  /** Writes one value into the file, keeping its comments; refused when it would not be valid. */
  readonly set: (key: string, value: string) => Promise<Result<Setting>>;
}

/** Every setting as it counts now, or what is wrong with the file. */
export type SettingsRead =
  | { readonly ok: true; readonly values: readonly Setting[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/** One setting as it counts now. */
export interface Setting {
  /** Dotted, for example `quota.threshold_day`. */
  readonly key: string;
  readonly value: unknown;
  /** `default`, `config.yaml:12`, `environment …` or `flag`. */
  readonly origin: string;
}

/** One thing that was looked at by `sle doctor`. */
export interface Finding extends HealthCheck {
  readonly area: "machine" | "settings" | "database" | "daemon" | "login";
}

/** Sets up a home. */
export interface Setup {
  /** Asks each executor on this machine whether it could work; never spends anything. */
  readonly findLogins: (signal: AbortSignal) => Promise<readonly Finding[]>;
  /** Makes folders, database and a commented config; an existing config stays unless `force`. */
  readonly make: (
    home: string,
    options: { readonly force: boolean },
  ) => Promise<Result<{ readonly configPath: string; readonly configWritten: boolean }>>;
}

/** Questions at a terminal; null when the person broke off. */
export interface Prompt {
  readonly ask: (question: string, fallback: string) => Promise<string | null>;
}
