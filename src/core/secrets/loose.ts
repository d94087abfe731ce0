/** Names of secrets, as the source of a pattern without regard to upper and lower case. */
export const KEYWORD: string = [
  "pass(?:word|wd|phrase|wort|code)",
  // Whole words only: there are bypasses and passengers.
  "(?-i:(?<![A-Za-z])(?:[Pp]ass|PASS|[Pp]wd|PWD)|(?<=[a-z])(?:Pass|Pwd))(?-i:(?![a-z]))",
  "secret",
  "token",
  "credentials?",
  "(?:api|access|secret|private|encrypt(?:ion)?|signing|auth|master|account|license|session|service|shared|webhook|deploy|admin|storage|subscription|hmac|cookie)[-_. ]?key",
].join("|");

/** Vendors whose keys have a form, but none that tells them. */
const VENDOR =
  "heroku|twilio|datadog|cloudflare|algolia|fastly|pagerduty|discord|snyk|okta|cohere|facebook|linkedin";

/** Where rules are tried that know a secret by what stands before it. */
export const LOOSE_ANCHOR: RegExp = new RegExp(
  `${KEYWORD}|${VENDOR}|bearer|basic|identified by|sshpass|-u `,
  "gi",
);

/** What may stand between a name and the sign of an assignment. */
export const NAME_END: string = String.raw`(?:\\{0,3}["'\`])?\]?[ \t]{0,10}(?::[ \t]{0,4}[A-Za-z]{1,12}[?!]?[ \t]{0,4}(?==))?`;
/** What puts a value under a name. */
export const ASSIGN: string = String.raw`(?<sign>=>|:=|={1,3}|!==?|:|\(|,|>)[ \t]{0,10}`;
