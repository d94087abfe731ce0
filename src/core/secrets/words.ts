/** Pairs of letters that make up most of what people write and name, and few of what chance does. */
const COMMON_PAIRS: ReadonlySet<string> = new Set(
  (
    "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si " +
    "ar ve ra ld ur ro ri io ic co me li ne ta ec tr ce om ch ma la el ll ss ee us ac il un pe ge no di ca " +
    "so ho ot ut lo po fo ns id ad be ai ni am em pr ct ke ie ts pa ul ig gh ow im ey pl oo ol op ex sh wo " +
    "ay by vi ir mo ck ag ab su rs ty tu bo ap up sc iv do da na ate ser wor rd ass sw ue mi bl br cr cl cu " +
    "key ef ub fi if od og ok os ov ry rt sp tt ud ui um va ew we"
  ).split(" "),
);
/** Share of common pairs from which letters count as words; chance alone makes about a quarter. */
const SHARE_OF_WORDS = 0.56;
/** Below this share of letters a text is something else. */
const LETTERS_MIN = 0.5;

/** True for what is made of words: `reset-password-link`, `someConfigName`. */
export function looksLikeWords(text: string): boolean {
  const letters = text.replace(/[^A-Za-z]/gu, "");
  if (letters.length < text.length * LETTERS_MIN) return false;
  let [pairs, common] = [0, 0];
  for (const run of text.match(/[A-Z]{0,64}[a-z]{1,64}|[A-Z]{1,64}/gu) ?? []) {
    for (let at = 0; at + 1 < run.length; at += 1) {
      pairs += 1;
      if (COMMON_PAIRS.has(run.slice(at, at + 2).toLowerCase())) common += 1;
    }
  }
  // Letters that never stand beside another of their case are chance, not words.
  return pairs >= letters.length / 2 && common >= pairs * SHARE_OF_WORDS;
}
