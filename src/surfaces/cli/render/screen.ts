import type { Overview } from "../../../engine/views.ts";
import { renderOverview } from "./overview.ts";
import { cutStyled } from "./text-width.ts";
import type { View } from "./view.ts";

const ESC = "\u001b";
/** To the upper left; clear to the end of the line; clear all below. */
const HOME = `${ESC}[H`;
const CLEAR_LINE = `${ESC}[K`;
const CLEAR_BELOW = `${ESC}[J`;

/**
 * The text that draws one screen over the one before, without flicker: every line is cut to the
 * width, what does not fit below is counted. Null stands for a database that is busy.
 */
export function renderScreen(view: View, overview: Overview | null, rows: number): string {
  const columns = view.columns ?? 80;
  const all = overview === null ? [BUSY] : renderOverview(view, overview).split("\n");
  const room = Math.max(1, rows - 2);
  const hidden = all.length - room;
  const shown = hidden > 0 ? all.slice(0, room) : all;
  const more = hidden > 0 ? `${hidden} more lines; ` : "";
  const lines = [...shown, "", view.paint("dim", `${more}q quits`)];
  const drawn = lines.map((line) => `${cutStyled(line, columns)}${CLEAR_LINE}`).join("\r\n");
  return `${HOME}${drawn}${CLEAR_BELOW}`;
}

const BUSY = "The database is busy; looking again.";
