const SMALL_A = 97;
const LETTERS = 26;
const CASE_BIT = 32;

/** Pairs of letters that make up most of what people write and name, and few of what chance does. */
const IS_COMMON: readonly boolean[] = tableOf(
  "th he in er an re nd at on nt ha es st en ed to it ou ea hi is or ti as te et ng of al de se le sa si " +
    "ar ve ra ld ur ro ri io ic co me li ne ta ec tr ce om ch ma la el ll ss ee us ac il un pe ge no di ca " +
    "so ho ot ut lo po fo ns id ad be ai ni am em pr ct ke ie ts pa ul ig gh ow im ey pl oo ol op ex sh wo " +
    "ay by vi ir mo ck ag ab su rs ty tu bo ap up sc iv do da na sw ue mi bl br cr cl cu ef ub fi if od og " +
    "ok os ov ry rt sp tt ud ui um va ew we",
);
/** Share of common pairs from which letters count as words; chance alone makes about a quarter. */
const SHARE_OF_WORDS = 0.56;
/** Below this share of letters a text is something else. */
const SHARE_OF_LETTERS = 0.5;
/** Letters that seldom stand beside another of their case are chance, too. */
const PAIRS_OF_LETTERS = 0.5;

/** True for what is made of words: `reset-password-link`, `someConfigName`. */
export function looksLikeWords(text: string): boolean {
  let [letters, pairs, common] = [0, 0, 0];
  let previous = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const isLetter = isSmall(code | CASE_BIT);
    if (isLetter) letters += 1;
    // A capital behind a small letter begins a word.
    if (isLetter && isSmall(previous | CASE_BIT) && !(isSmall(previous) && !isSmall(code))) {
      pairs += 1;
      if (IS_COMMON[indexOf(previous | CASE_BIT, code | CASE_BIT)] === true) common += 1;
    }
    previous = code;
  }
  if (letters < text.length * SHARE_OF_LETTERS) return false;
  return pairs >= letters * PAIRS_OF_LETTERS && common >= pairs * SHARE_OF_WORDS;
}

function isSmall(code: number): boolean {
  return code >= SMALL_A && code < SMALL_A + LETTERS;
}

function indexOf(first: number, second: number): number {
  return (first - SMALL_A) * LETTERS + second - SMALL_A;
}

function tableOf(pairs: string): readonly boolean[] {
  const table = Array.from({ length: LETTERS * LETTERS }, () => false);
  for (const pair of pairs.split(" "))
    table[indexOf(pair.charCodeAt(0), pair.charCodeAt(1))] = true;
  return table;
}
