/** A source of chance that gives the same again for the same seed. */
export interface Chance {
  readonly below: (limit: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
  /** So many signs of an alphabet. */
  readonly signs: (alphabet: string, length: number) => string;
}

/** Makes a source of chance from a seed. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
    signs: (alphabet, length) =>
      Array.from({ length }, () => alphabet[below(alphabet.length)]).join(""),
  };
}

/** Small letters. */
export const LOWER: string = "abcdefghijklmnopqrstuvwxyz";
/** Capital letters. */
export const UPPER: string = LOWER.toUpperCase();
/** Digits. */
export const DIGITS: string = "0123456789";
/** Hexadecimal digits. */
export const HEX: string = `${DIGITS}abcdef`;
/** Letters and digits. */
export const ALNUM: string = LOWER + UPPER + DIGITS;
/** Signs of base64 for addresses. */
export const URL_SAFE: string = `${ALNUM}-_`;
/** Signs of base64. */
export const BASE64: string = `${ALNUM}+/`;

/** A vendor's token: its family, and a pattern of fixed text and of `<alphabet length>`. */
const SHAPES: readonly (readonly [family: string, shape: string])[] = [
  ["aws", "AKIA<B32 16>"],
  ["aws", "ASIA<B32 16>"],
  ["google", "AIza<URL 35>"],
  ["google", "GOCSPX-<URL 28>"],
  ["google", "ya29.a0<URL 120>"],
  ["google", "1//0g<URL 90>"],
  ["azure", "AccountKey=<B64 86>=="],
  ["azure", "SharedAccessKey=<B64 43>="],
  ["azure", "<ALNUM 3>8Q~<URL 34>"],
  ["digitalocean", "dop_v1_<HEX 64>"],
  ["heroku", "HRKU-<ALNUM 60>"],
  ["netlify", "nfp_<ALNUM 36>"],
  ["supabase", "sbp_<HEX 40>"],
  ["planetscale", "pscale_tkn_<ALNUM 43>"],
  ["databricks", "dapi<HEX 32>"],
  ["tailscale", "tskey-auth-<ALNUM 12>CNTRL-<ALNUM 32>"],
  ["vault", "hvs.CAESI<URL 90>"],
  ["terraform", "<ALNUM 14>.atlasv1.<ALNUM 67>"],
  ["doppler", "dp.pt.<ALNUM 43>"],
  ["pulumi", "pul-<HEX 40>"],
  ["github", "ghp_<ALNUM 36>"],
  ["github", "gho_<ALNUM 36>"],
  ["github", "ghs_<ALNUM 36>"],
  ["github", "github_pat_<ALNUM 22>_<ALNUM 59>"],
  ["gitlab", "glpat-<URL 20>"],
  ["gitlab", "glpat-<URL 27>.01.<LOWER 9>"],
  ["gitlab", "gldt-<URL 20>"],
  ["atlassian", "ATATT3xFfGF0<URL 172>=<HEXUP 8>"],
  ["npm", "npm_<ALNUM 36>"],
  ["pypi", "pypi-AgEIcHlwaS5vcmcC<URL 150>"],
  ["rubygems", "rubygems_<HEX 48>"],
  ["crates", "cio<ALNUM 32>"],
  ["docker", "dckr_pat_<URL 27>"],
  ["sonar", "squ_<HEX 40>"],
  ["anthropic", "sk-ant-api03-<URL 93>AA"],
  ["anthropic", "sk-ant-oat01-<URL 93>AA"],
  ["openai", "sk-proj-<URL 74>T3BlbkFJ<URL 74>"],
  ["openai", "sk-<ALNUM 20>T3BlbkFJ<ALNUM 20>"],
  ["openrouter", "sk-or-v1-<HEX 64>"],
  ["huggingface", "hf_<ALPHA 34>"],
  ["replicate", "r8_<ALNUM 37>"],
  ["groq", "gsk_<ALNUM 52>"],
  ["slack", "xoxb-<DIGIT 12>-<DIGIT 13>-<ALNUM 24>"],
  ["slack", "xoxp-<DIGIT 12>-<DIGIT 12>-<DIGIT 13>-<HEX 32>"],
  ["slack", "xapp-1-A<B32 10>-<DIGIT 13>-<HEX 64>"],
  ["slack", "https://hooks.slack.com/services/T<B32 8>/B<B32 10>/<ALNUM 24>"],
  ["discord", "https://discord.com/api/webhooks/<DIGIT 18>/<URL 68>"],
  ["telegram", "<DIGIT 10>:AA<URL 33>"],
  ["sendgrid", "SG.<URL 22>.<URL 43>"],
  ["twilio", "SK<HEX 32>"],
  ["mailgun", "key-<HEX 32>"],
  ["mailchimp", "<HEX 32>-us14"],
  ["brevo", "xkeysib-<HEX 64>-<ALNUM 16>"],
  ["stripe", "sk_live_<ALNUM 24>"],
  ["stripe", "rk_live_<ALNUM 99>"],
  ["stripe", "whsec_<ALNUM 32>"],
  ["square", "sq0atp-<URL 22>"],
  ["shopify", "shpat_<HEX 32>"],
  ["newrelic", "NRAK-<B36 27>"],
  ["grafana", "glsa_<ALNUM 32>_<HEX 8>"],
  ["dynatrace", "dt0c01.<B36 24>.<B36 64>"],
  ["linear", "lin_api_<ALNUM 40>"],
  ["notion", "ntn_<ALNUM 46>"],
  ["airtable", "pat<ALNUM 14>.<HEX 64>"],
  ["figma", "figd_<URL 40>"],
  ["postman", "PMAK-<HEX 24>-<HEX 34>"],
  ["age", "AGE-SECRET-KEY-1<B32 58>"],
];

const ALPHABETS: Readonly<Record<string, string>> = {
  ALNUM,
  HEX,
  LOWER,
  ALPHA: LOWER + UPPER,
  DIGIT: DIGITS,
  URL: URL_SAFE,
  B64: BASE64,
  B32: `${UPPER}234567`,
  B36: UPPER + DIGITS,
  HEXUP: `${DIGITS}ABCDEF`,
};

/** A token with what it is not: the same shape as people write it where none stands. */
export interface TokenPair {
  readonly family: string;
  readonly secret: string;
  readonly twin: string;
}

/** One token of every shape, each with a twin. */
export function tokenPairs(chance: Chance): readonly TokenPair[] {
  return SHAPES.map(([family, shape]) => ({
    family,
    secret: filled(shape, (alphabet, length) => chance.signs(alphabet, length)),
    twin: filled(shape, twinOf(chance)),
  }));
}

function filled(shape: string, fill: (alphabet: string, length: number) => string): string {
  return shape.replace(/<([A-Z0-9]+) (\d+)>/gu, (_all, name: string, length: string) =>
    fill(ALPHABETS[name] as string, Number(length)),
  );
}

/** Signs that only stand for signs: repeated, in a row, cut short, with a word. */
function twinOf(chance: Chance): (alphabet: string, length: number) => string {
  const way = chance.below(5);
  return (alphabet, length) => {
    const sign = alphabet.at(-1) as string;
    switch (way) {
      case 0:
        return sign.repeat(length);
      case 1:
        return alphabet.repeat(8).slice(0, length);
      case 2:
        return `${chance.signs(alphabet, Math.min(length, 3))}...`;
      case 3:
        return "...";
      default:
        return `${"EXAMPLE".slice(0, length)}${sign.repeat(Math.max(0, length - 7))}`;
    }
  };
}
