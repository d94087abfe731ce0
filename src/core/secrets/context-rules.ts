import { ASSIGN, NAME_END } from "./loose.ts";
import { isLikelyToken, type SecretRule } from "./rule.ts";
import { looksLikeWords } from "./words.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const BOT = "[MNO][A-Za-z0-9_-]{23,25}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,38}";
const AWS = "(?:secret|access)[-_. ]?(?:access)?[-_. ]?key";

/** Keys of vendors that have a form, but one which others have, too: the vendor's name must stand before. */
export const CONTEXT_RULES: readonly SecretRule[] = [
  rule("aws-secret-key", "AWS secret access key", AWS, "[A-Za-z0-9/+]{40}"),
  rule("heroku-key", "Heroku key", "heroku", UUID),
  rule("snyk-token", "Snyk token", "snyk", UUID),
  rule("twilio-auth-token", "Twilio auth token", "twilio", "[0-9a-f]{32}"),
  rule("datadog-key", "Datadog key", "datadog", "(?:[0-9a-f]{40}|[0-9a-f]{32})"),
  rule("cloudflare-token", "Cloudflare token", "cloudflare", "[A-Za-z0-9_-]{37,40}"),
  rule("algolia-key", "Algolia admin key", "algolia", "[0-9a-f]{32}"),
  rule("fastly-token", "Fastly token", "fastly", "[A-Za-z0-9_-]{32}"),
  rule("pagerduty-key", "PagerDuty key", "pagerduty", "[A-Za-z0-9_+-]{20}"),
  rule("discord-bot-token", "Discord bot token", "discord", BOT),
  rule("okta-token", "Okta token", "okta", "00[A-Za-z0-9_-]{40}"),
  rule("cohere-key", "Cohere key", "cohere", "[A-Za-z0-9]{40}"),
  rule("facebook-secret", "Facebook app secret", "facebook", "[0-9a-f]{32}"),
  rule("linkedin-secret", "LinkedIn client secret", "linkedin", "[A-Za-z0-9]{16}"),
];

function rule(id: string, title: string, name: string, value: string): SecretRule {
  const source = `(?:${name})[\\w. -]{0,30}${NAME_END}${ASSIGN}\\\\{0,3}["'\`]?(?<secret>${value})(?![\\w/+=-])`;
  return {
    id,
    title,
    anchors: "loose",
    pattern: new RegExp(source, "iy"),
    judge: ({ secret }) =>
      isLikelyToken(secret) && !looksLikeWords(secret) && /\d/u.test(secret) ? "block" : null,
  };
}
