/** What people write where a secret would stand, whatever its shape. */
const STAND_IN =
  /example|placeholder|redacted|change[-_ ]?(?:me|this|it)|your[-_ ]|dummy|(?<![a-z0-9])(?:fake|todo)|sample|replace|insert|xxxxx|\*\*\*|\.\.\.|…|notreal|not[-_]a[-_]|deadbeef|cafebabe/iu;
/** The same for values of no shape, which a real token could hold by chance. */
const STAND_IN_WORD =
  /(?:^|[^a-z])(?:test|tests|testing|mock|demo|foo|bar|baz|hunter2|lorem|ipsum|invalid|wrong|bad|none|null|undefined|true|false|secret|password|passwd|token|changeit|default|qwerty|letmein)(?:[^a-z]|$)|^(?:test|my|some|the|an?|new|old|valid|mock|super|top|this)[-_ ]|(?:password|secret|token|apikey|passwd)[\d!]{0,4}$|(?:0123456|123456|abcdef|abc123|qwerty|asdf)/iu;
/** What is put in from elsewhere: a variable, a template, a call, a mark to fill in. */
const REFERENCE =
  /^(?:\$[A-Za-z_{(]|%[A-Za-z_]{1,60}%|[<{[(]|[@&:][a-z])|\$\{|\$\(|\{\{|<%|%[({]|\}\}|\bprocess\.env\b|\benviron\b|\bgetenv\b|^(?:env|vault|secret|secrets|ssm|arn|op|sops|file|https?|config|self|this|props|settings|var|local|data|module|params)[.:[]|\)$|^\$?[A-Z][A-Z0-9]{0,40}(?:_[A-Z0-9]{1,40}){1,12}$/u;
const RUN_MIN = 8;
const DISTINCT_MIN = 5;

/** True for a stand-in that has the shape of a vendor's token: repeated signs, a row, a telling word. */
export function isStandIn(value: string): boolean {
  return STAND_IN.test(value) || new Set(value).size < DISTINCT_MIN || longestRow(value) >= RUN_MIN;
}

/** True for a value that only stands where a secret would: also words of tests, and references. */
export function isPlaceholder(value: string): boolean {
  return isStandIn(value) || STAND_IN_WORD.test(value) || REFERENCE.test(value);
}

/** Length of the longest stretch whose characters repeat or follow each other: `aaaa`, `1234`, `fedc`. */
function longestRow(value: string): number {
  let longest = 0;
  for (const step of [0, 1, -1]) {
    let length = 1;
    for (let at = 1; at < value.length; at += 1) {
      length = value.charCodeAt(at) - value.charCodeAt(at - 1) === step ? length + 1 : 1;
      longest = Math.max(longest, length);
    }
  }
  return longest;
}
