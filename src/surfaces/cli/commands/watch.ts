import type { Queries } from "../../../engine/queries.ts";
import { StoreUnavailable } from "../../../ports/store.ts";
import type { Call, RunCommand } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { notFoundYet } from "../nothing-yet.ts";
import { readCount } from "../read-words.ts";
import { renderScreen } from "../render/screen.ts";
import { viewOf } from "../render/view.ts";

const LOOK_EVERY_MS = 250;
/** Times pass on the screen even when nothing happens. */
const REDRAW_EVERY_MS = 1000;
const EVENTS_AT_ONCE = 200;

const ESC = "\u001b";
/** The other screen, cursor hidden; and back again. */
const ENTER = `${ESC}[?1049h${ESC}[?25l`;
const LEAVE = `${ESC}[?25h${ESC}[?1049l`;
const QUIT_KEYS: ReadonlySet<string> = new Set(["q", "Q", ESC]);
const CTRL_C = "\u0003";

/** Follows everything live: a screen for a person, one JSON event a line for a program. */
export const watch: RunCommand = async (call) => {
  const { context, output } = call;
  const doors = await context.open();
  if (doors === null) return notFoundYet(call);
  return context.stdout.isTTY && !output.json
    ? watchScreen(call, doors.queries)
    : watchEvents(call, doors.queries);
};

async function watchScreen(call: Call, queries: Queries): Promise<ExitCode> {
  const { context } = call;
  const quitting = new AbortController();
  const ended = AbortSignal.any([quitting.signal, context.interrupted]);
  let exitCode: ExitCode = EXIT.interrupted;
  const onKey = (key: string): void => {
    if (QUIT_KEYS.has(key)) exitCode = EXIT.ok;
    else if (key !== CTRL_C) return;
    quitting.abort();
  };
  context.stdout.write(ENTER);
  try {
    using _keys = context.stdin.isTTY ? context.stdin.keys(onKey) : NO_KEYS;
    await redrawUntil(ended, call, queries);
  } finally {
    context.stdout.write(LEAVE);
  }
  return exitCode;
}

const NO_KEYS: Disposable = { [Symbol.dispose]: () => {} };

/** Draws at once when something happened, else every second. */
async function redrawUntil(ended: AbortSignal, call: Call, queries: Queries): Promise<void> {
  const { clock, stdout } = call.context;
  let drawnSeq = -1;
  let drawnAtMs = Number.NEGATIVE_INFINITY;
  while (!ended.aborted) {
    const seq = await whenOpen(() => queries.lastEvent());
    const due = clock.monotonicMs() - drawnAtMs >= REDRAW_EVERY_MS;
    if (due || seq !== drawnSeq) {
      const overview = await whenOpen(() => queries.overview());
      const { columns, rows } = stdout.size();
      stdout.write(renderScreen({ ...viewOf(call), columns }, overview, rows));
      drawnSeq = seq ?? -1;
      drawnAtMs = clock.monotonicMs();
    }
    await clock.sleep(LOOK_EVERY_MS, ended);
  }
}

/** A database that is busy for a moment does not end the watching: null, and the next look finds it. */
async function whenOpen<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StoreUnavailable && error.kind === "busy") return null;
    throw error;
  }
}

async function watchEvents(call: Call, queries: Queries): Promise<ExitCode> {
  const { context, output, options } = call;
  const since = options.text("since");
  const from = since === null ? null : readCount("--since", since);
  if (from?.ok === false) return output.refuse(from.problem);
  const last = await queries.lastEvent();
  // A number from the future, of another database perhaps, would wait for ever.
  let seq = Math.min(from?.value ?? last, last);
  while (!context.interrupted.aborted) {
    const events = await queries.events(seq, EVENTS_AT_ONCE);
    for (const event of events) {
      context.stdout.write(`${JSON.stringify(event)}\n`);
      seq = event.seq;
    }
    if (events.length === 0) await context.clock.sleep(LOOK_EVERY_MS, context.interrupted);
  }
  return EXIT.interrupted;
}
