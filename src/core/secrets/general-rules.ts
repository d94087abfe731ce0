import { entropyBits } from "./entropy.ts";
import type { SecretSeverity } from "./finding.ts";
import { softer } from "./paths.ts";
import { isPlaceholder, isStandIn } from "./placeholders.ts";
import { type Candidate, isLikelyToken, type SecretRule } from "./rule.ts";
import { looksLikeWords } from "./words.ts";

const KEY_BODY_ENTROPY_MIN = 4;
/** A host that is nobody else's. */
const OWN_HOST =
  /^@(?:localhost|127\.|0\.0\.0\.0|\[?::1|host\.docker\.internal|[\w-]{1,60}(?:[:/?"'\s]|$)|(?:[\w-]{1,40}\.){0,3}(?:example|test|invalid|local)(?:\.(?:com|org|net))?(?:[:/?"'\s]|$))/iu;
/** What people give to a database on their own machine. */
const DEFAULT_PASSWORD =
  /^(?:p(?:ass(?:word|wd)?|w|wd)|postgres(?:ql)?|mysql|root|admin|guest|user(?:name)?|test(?:ing)?|secret|rabbitmq|redis|mongo(?:db)?|minio(?:admin)?|dev(?:elopment)?|token|key|x-oauth-basic|x-access-token|git)\d{0,4}!?$/iu;

/** Kinds of secrets that no vendor has for itself. */
export const GENERAL_RULES: readonly SecretRule[] = [
  {
    id: "private-key",
    title: "private key",
    anchors: ["-----BEGIN "],
    pattern:
      /-----BEGIN (?<kind>[A-Z0-9 ]{0,30})PRIVATE KEY(?<secret>(?: BLOCK)?-----(?:[\s"'`,+\\;|#*>-]|\\[nr]|[A-Z][A-Za-z-]{2,12}: [^\n\\]{1,80}){1,60}(?<body>[A-Za-z0-9+/=]{40,76}))/y,
    judge: ({ groups, path }) => {
      const { kind, body } = groups as Record<"kind" | "body", string>;
      if (entropyBits(body) < KEY_BODY_ENTROPY_MIN || isStandIn(body)) return null;
      return kind.startsWith("ENCRYPTED") ? "warn" : softer(path);
    },
  },
  {
    id: "putty-key",
    title: "PuTTY private key",
    anchors: ["PuTTY-User-Key-File-"],
    pattern: /PuTTY-User-Key-File-\d: (?<secret>[a-z0-9-]{4,40}[^\0]{0,400}?Encryption: none)/y,
    judge: ({ path }) => softer(path),
  },
  {
    id: "json-web-token",
    title: "signed JSON token",
    anchors: ["eyJ"],
    pattern:
      /(?<![A-Za-z0-9_-])(?<secret>eyJ[\w-]{8,600}\.eyJ[\w-]{8,4000}\.[\w-]{20,700})(?![\w-])/y,
    judge: ({ secret, path }) => (isLikelyToken(signatureOf(secret)) ? softer(path) : null),
  },
  {
    id: "address-with-password",
    title: "address with a password",
    anchors: ["://"],
    pattern:
      /(?<=[A-Za-z][A-Za-z0-9+.-]{0,30}):\/\/[^\s/:@"'`<>?#]{0,100}:(?<secret>[^\s@"'`<>/?#]{3,200})(?=@[\w.[])/y,
    judge: judgeAddress,
  },
  {
    id: "address-with-token",
    title: "address with a token",
    anchors: ["https://", "http://"],
    pattern: /https?:\/\/(?<secret>[\w-]{20,200})(?=@[\w.-]{3,80}[/:])/y,
    judge: ({ secret, path }) =>
      isLikelyToken(secret) && !isPlaceholder(secret) && !looksLikeWords(secret)
        ? softer(path)
        : null,
  },
  {
    id: "npm-config-token",
    title: "token of a package registry",
    anchors: [":_authToken=", ":_auth=", ":_password="],
    pattern: /:_(?:authToken|auth|password)=["']?(?<secret>[\w+/=.-]{12,300})/y,
    judge: ({ secret, path }) =>
      isPlaceholder(secret) || looksLikeWords(secret) ? null : softer(path),
  },
  {
    id: "netrc-password",
    title: "password of a netrc file",
    anchors: ["machine "],
    pattern:
      /machine [\w.-]{1,100}\s{1,8}login [^\s]{1,100}\s{1,8}password (?<secret>[^\s]{6,200})/y,
    judge: ({ secret, path }) =>
      isPlaceholder(secret) || looksLikeWords(secret) ? null : softer(path),
  },
];

function judgeAddress({ secret, after, path }: Candidate): SecretSeverity | null {
  if (DEFAULT_PASSWORD.test(secret) || isPlaceholder(secret)) return null;
  return OWN_HOST.test(after) ? "warn" : softer(path);
}

function signatureOf(token: string): string {
  return token.slice(token.lastIndexOf(".") + 1);
}
