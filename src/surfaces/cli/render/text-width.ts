/** Characters that a terminal draws two columns wide: East Asian wide forms and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Characters drawn onto the one before them. */
const NARROW = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** Text in which every character takes one column. */
const PLAIN = /^[\u0020-\u007e\u00a0-\u02ff]*$/u;

/** How many columns a text without escape sequences takes on a terminal; close, not exact. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let columns = 0;
  for (const character of text) columns += columnsOf(character);
  return columns;
}

/** The text, cut to so many columns; a cut text ends with `…`. */
export function cut(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let used = 0;
  let kept = "";
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** Like `cut`, for a text with styles in it; what was begun is ended at the cut. */
export function cutStyled(text: string, columns: number): string {
  const parts = text.split(STYLE);
  const plain = parts.filter((part) => !part.startsWith(ESC)).join("");
  if (textWidth(plain) <= columns) return text;
  let left = columns;
  let kept = "";
  for (const part of parts) {
    const width = textWidth(part);
    if (!part.startsWith(ESC) && width >= left) return kept + cut(`${part} `, left) + endOf(text);
    if (!part.startsWith(ESC)) left -= width;
    kept += part;
  }
  return kept;
}

function endOf(text: string): string {
  return text.includes(ESC) ? STYLE_END : "";
}

const ESC = "\u001b";
const STYLE_END = `${ESC}[0m`;
/** A sequence that sets a style; captured, so that splitting keeps it. */
const STYLE = new RegExp(`(${ESC}\\[[\\d;]*m)`, "u");

/** The text with spaces behind it up to so many columns. */
export function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - textWidth(text)));
}

function columnsOf(character: string): number {
  if (NARROW.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
