const ESC = "\u001b";
/** Starts and ends of terminal sequences, in their two-byte form and as one C1 character. */
const CSI = `(?:${ESC}\\[|\u009b)`;
const STRING_BEGIN = `(?:${ESC}[\\]PX^_]|[\u0090\u0098\u009d\u009e\u009f])`;
const STRING_END = `(?:\u0007|${ESC}\\\\|\u009c)`;

/**
 * Matches every terminal escape sequence. Each alternative stops at the next control character, so
 * the time is linear in the text; a string sequence that is too long or has no end loses its
 * beginning only, so that one stray character cannot swallow the text behind it.
 */
export const TERMINAL_ESCAPE: RegExp = new RegExp(
  [
    `${CSI}[0-?]{0,64}[ -/]{0,8}[@-~]`,
    `${STRING_BEGIN}\\P{Cc}{0,4096}${STRING_END}`,
    STRING_BEGIN,
    `${ESC}[ -/]{0,8}[0-~]`,
  ].join("|"),
  "gu",
);

/** Matches every control character (C0, DEL, C1) but newline and tab. */
export const CONTROL_CHARACTER: RegExp = /(?![\n\t])\p{Cc}/gu;
