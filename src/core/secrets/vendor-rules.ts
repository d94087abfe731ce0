import { middleRule, type SecretRule, tokenRule } from "./rule.ts";

const HEX = "[0-9a-f]";
const WORD = "[A-Za-z0-9]";
const URL_SAFE = "[A-Za-z0-9_-]";

/** Clouds, hosts and what runs on them. */
const CLOUDS: readonly SecretRule[] = [
  tokenRule("aws-access-key-id", "AWS access key id", "AKIA ASIA ABIA ACCA", "[A-Z0-9]{16}"),
  tokenRule("google-api-key", "Google API key", "AIza", `${URL_SAFE}{35}`),
  tokenRule("google-oauth-secret", "Google OAuth client secret", "GOCSPX-", `${URL_SAFE}{28}`),
  tokenRule("google-access-token", "Google access token", "ya29.", `${URL_SAFE}{30,400}`),
  tokenRule("google-refresh-token", "Google refresh token", "1//0", `${URL_SAFE}{40,200}`),
  tokenRule("azure-storage-key", "Azure storage key", "AccountKey=", "[A-Za-z0-9+/]{86}=="),
  tokenRule(
    "azure-shared-key",
    "Azure shared access key",
    "SharedAccessKey=",
    "[A-Za-z0-9+/]{43}=",
  ),
  tokenRule(
    "azure-signature",
    "Azure shared access signature",
    "&sig= ?sig=",
    "[A-Za-z0-9%+/]{43,120}(?:%3D|=)",
  ),
  middleRule("azure-client-secret", "Azure client secret", "[\\w~.-]{3}", "8Q~", "[\\w~.-]{34}"),
  middleRule("azure-devops-token", "Azure DevOps token", `${WORD}{76}`, "AZDO", `${WORD}{4}`),
  tokenRule("alibaba-key-id", "Alibaba access key id", "LTAI", `${WORD}{20}`),
  tokenRule("tencent-key-id", "Tencent secret id", "AKID", `${WORD}{32}`),
  tokenRule("digitalocean-token", "DigitalOcean token", "dop_v1_ doo_v1_ dor_v1_", `${HEX}{64}`),
  tokenRule("heroku-token", "Heroku API token", "HRKU-", `${URL_SAFE}{58,64}`),
  tokenRule("cloudflare-ca-key", "Cloudflare origin CA key", "v1.0-", `${HEX}{24}-${HEX}{146}`),
  tokenRule("netlify-token", "Netlify token", "nfp_", `${WORD}{36}`),
  tokenRule("render-token", "Render API key", "rnd_", `${WORD}{32}`),
  tokenRule("fly-token", "Fly.io token", "fm2_ fm1r_ fo1_", "[A-Za-z0-9+/=_-]{43,700}"),
  tokenRule(
    "vercel-blob-token",
    "Vercel blob token",
    "vercel_blob_rw_",
    `${WORD}{10,20}_${WORD}{24,40}`,
  ),
  tokenRule("supabase-token", "Supabase token", "sbp_ sb_secret_", `${URL_SAFE}{31,48}`),
  tokenRule(
    "planetscale-token",
    "PlanetScale credential",
    "pscale_tkn_ pscale_pw_ pscale_oauth_",
    "[\\w=.-]{32,64}",
  ),
  tokenRule("neon-token", "Neon API key", "napi_", `${WORD}{64}`),
  tokenRule("databricks-token", "Databricks token", "dapi", `${HEX}{32}(?:-\\d)?`),
  tokenRule(
    "tailscale-key",
    "Tailscale key",
    "tskey-",
    "(?:auth|api|client|scim|webhook)-[A-Za-z0-9]{6,20}-[A-Za-z0-9]{20,40}",
  ),
  tokenRule("vault-token", "Vault token", "hvs. hvb. hvr.", `${URL_SAFE}{90,200}`),
  middleRule(
    "terraform-token",
    "Terraform Cloud token",
    `${WORD}{14}`,
    ".atlasv1.",
    `${URL_SAFE}{60,70}`,
  ),
  tokenRule(
    "doppler-token",
    "Doppler token",
    "dp.pt. dp.st. dp.sa. dp.ct. dp.scim. dp.audit.",
    "(?:[a-z0-9_-]{2,35}\\.)?[A-Za-z0-9]{40,44}",
  ),
  tokenRule("pulumi-token", "Pulumi access token", "pul-", `${HEX}{40}`),
  tokenRule(
    "onepassword-token",
    "1Password service account token",
    "ops_eyJ",
    "[A-Za-z0-9+/=]{250,1200}",
  ),
  tokenRule("yandex-key", "Yandex Cloud key", "AQVN", `${URL_SAFE}{35,38}`),
];

/** Places for code, packages and their builds. */
const FORGES: readonly SecretRule[] = [
  tokenRule("github-token", "GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_", `${WORD}{36,255}`),
  tokenRule(
    "github-fine-grained-token",
    "GitHub fine-grained token",
    "github_pat_",
    `${WORD}{22}_${WORD}{59}`,
  ),
  tokenRule(
    "gitlab-token",
    "GitLab token",
    "glpat- glptt- gldt- glrt- glcbt- glft- glsoat- glimt- glagent- gloas-",
    "[\\w.-]{20,80}",
  ),
  tokenRule("bitbucket-app-password", "Bitbucket app password", "ATBB", `${WORD}{32}`),
  tokenRule("atlassian-token", "Atlassian API token", "ATATT3 ATCTT3", "[\\w=-]{160,220}"),
  tokenRule("npm-token", "npm token", "npm_", `${WORD}{36}`),
  tokenRule(
    "pypi-token",
    "PyPI token",
    "pypi-AgEIcHlwaS5vcmc pypi-AgENdGVzdC5weXBpLm9yZw",
    `${URL_SAFE}{50,300}`,
  ),
  tokenRule("rubygems-token", "RubyGems token", "rubygems_", `${HEX}{48}`),
  tokenRule("crates-token", "crates.io token", "cio", `${WORD}{32}`),
  tokenRule("nuget-key", "NuGet key", "oy2", "[a-z0-9]{43}"),
  tokenRule("docker-token", "Docker Hub token", "dckr_pat_ dckr_oat_", `${URL_SAFE}{27,40}`),
  tokenRule("clojars-token", "Clojars token", "CLOJARS_", "[a-z0-9]{60}"),
  tokenRule("artifactory-key", "Artifactory key", "AKCp", `${WORD}{69}`),
  tokenRule("sonar-token", "Sonar token", "sqp_ squ_ sqa_", `${HEX}{40}`),
  tokenRule("buildkite-token", "Buildkite token", "bkua_ bkct_", `${HEX}{40}`),
  tokenRule("circleci-token", "CircleCI token", "CCIPAT_ CCIPRJ_", `${WORD}{22}_${HEX}{40}`),
];

/** Models. */
const MODELS: readonly SecretRule[] = [
  tokenRule(
    "anthropic-key",
    "Anthropic key",
    "sk-ant-",
    "(?:api|admin|oat|ort|sid)\\d{2}-[\\w-]{80,200}",
  ),
  tokenRule("openrouter-key", "OpenRouter key", "sk-or-v1-", `${HEX}{64}`),
  tokenRule(
    "openai-key",
    "OpenAI key",
    "sk-proj- sk-svcacct- sk-admin- sk-None-",
    `${URL_SAFE}{40,220}`,
  ),
  tokenRule(
    "openai-old-key",
    "OpenAI key",
    "sk-",
    `(?:${WORD}{20}T3BlbkFJ${WORD}{20}|${WORD}{48}|${HEX}{32})`,
  ),
  tokenRule("huggingface-token", "Hugging Face token", "hf_ api_org_", "[A-Za-z0-9]{34}"),
  tokenRule("replicate-token", "Replicate token", "r8_", `${WORD}{37}`),
  tokenRule("groq-key", "Groq key", "gsk_", `${WORD}{52}`),
  tokenRule("perplexity-key", "Perplexity key", "pplx-", `${WORD}{48}`),
  tokenRule("xai-key", "xAI key", "xai-", `${WORD}{80}`),
];

/** Messages and money. */
const MESSAGES: readonly SecretRule[] = [
  tokenRule(
    "slack-token",
    "Slack token",
    "xoxb- xoxp- xoxa- xoxs- xoxr- xoxo- xoxc- xoxd- xoxe- xoxe.xoxp- xoxe.xoxb-",
    "[A-Za-z0-9%+/-]{24,300}",
  ),
  tokenRule(
    "slack-app-token",
    "Slack app token",
    "xapp-",
    "\\d-[A-Z0-9]{8,14}-\\d{8,16}-[A-Za-z0-9]{40,80}",
  ),
  tokenRule(
    "slack-webhook",
    "Slack webhook",
    "hooks.slack.com/",
    "(?:services|workflows|triggers)/T[A-Z0-9]{8,12}/[A-Z0-9]{8,20}/[A-Za-z0-9/]{20,60}",
  ),
  tokenRule(
    "discord-webhook",
    "Discord webhook",
    "discord.com/api/webhooks/ discordapp.com/api/webhooks/",
    `\\d{17,20}/${URL_SAFE}{60,72}`,
  ),
  tokenRule(
    "teams-webhook",
    "Teams webhook",
    "webhook.office.com/webhookb2/",
    "[a-z0-9@-]{73}/IncomingWebhook/[a-z0-9]{32}/[a-z0-9-]{36}",
  ),
  middleRule("telegram-token", "Telegram bot token", "\\d{8,10}", ":AA", `${URL_SAFE}{32,33}`),
  tokenRule("sendgrid-key", "SendGrid key", "SG.", `${URL_SAFE}{22}\\.${URL_SAFE}{43}`),
  tokenRule("twilio-key", "Twilio API key", "SK", `${HEX}{32}`),
  tokenRule("mailgun-key", "Mailgun key", "key-", `${HEX}{32}`),
  middleRule("mailchimp-key", "Mailchimp key", `${HEX}{32}`, "-us", "\\d{1,2}"),
  tokenRule("brevo-key", "Brevo key", "xkeysib- xsmtpsib-", `${HEX}{64}-${WORD}{16}`),
  tokenRule("resend-key", "Resend key", "re_", `${WORD}{8}_${WORD}{24}`),
  tokenRule("stripe-key", "Stripe live key", "sk_live_ rk_live_ sk_org_live_", `${WORD}{24,180}`),
  tokenRule("stripe-test-key", "Stripe test key", "sk_test_ rk_test_", `${WORD}{24,180}`, "warn"),
  tokenRule("stripe-webhook-secret", "Stripe webhook secret", "whsec_", "[A-Za-z0-9+/]{32,64}"),
  tokenRule("square-token", "Square token", "sq0atp- sq0csp-", `${URL_SAFE}{22,43}`),
  tokenRule(
    "braintree-token",
    "Braintree token",
    "access_token$production$",
    `[0-9a-z]{16}\\$${HEX}{32}`,
  ),
  tokenRule("shopify-token", "Shopify token", "shpat_ shpca_ shppa_ shpss_", "[A-Fa-f0-9]{32}"),
  tokenRule("razorpay-key", "Razorpay key", "rzp_live_", `${WORD}{14,24}`),
];

/** What watches, plans and writes. */
const TOOLS: readonly SecretRule[] = [
  tokenRule("newrelic-key", "New Relic key", "NRAK-", "[A-Z0-9]{27}"),
  tokenRule("grafana-token", "Grafana token", "glsa_", `${WORD}{32}_[0-9A-Fa-f]{8}`),
  tokenRule("grafana-cloud-token", "Grafana Cloud token", "glc_eyJ", "[A-Za-z0-9+/=]{50,400}"),
  tokenRule("sentry-token", "Sentry token", "sntrys_ sntryu_", "[A-Za-z0-9+/=_]{60,400}"),
  tokenRule("posthog-key", "PostHog personal key", "phx_", `${WORD}{43,60}`),
  tokenRule("dynatrace-token", "Dynatrace token", "dt0c01. dt0s16.", "[A-Z0-9]{24}\\.[A-Z0-9]{64}"),
  tokenRule(
    "launchdarkly-key",
    "LaunchDarkly key",
    "sdk- mob- api-",
    `${HEX}{8}-${HEX}{4}-4${HEX}{3}-${HEX}{4}-${HEX}{12}`,
  ),
  tokenRule("linear-key", "Linear key", "lin_api_ lin_oauth_", `${WORD}{40,64}`),
  tokenRule("notion-token", "Notion token", "ntn_ secret_", `${WORD}{43,46}`),
  tokenRule("airtable-token", "Airtable token", "pat", `${WORD}{14}\\.${HEX}{64}`),
  tokenRule("figma-token", "Figma token", "figd_ figo_", `${URL_SAFE}{40,50}`),
  tokenRule("postman-key", "Postman key", "PMAK-", `${HEX}{24}-${HEX}{34}`),
  tokenRule("contentful-token", "Contentful token", "CFPAT-", `${URL_SAFE}{43}`),
  tokenRule("typeform-token", "Typeform token", "tfp_", "[\\w-]{40,60}"),
  tokenRule("readme-key", "ReadMe key", "rdme_", "[a-z0-9]{70}"),
  tokenRule("flutterwave-key", "Flutterwave key", "FLWSECK-", `${HEX}{32}-X`),
  tokenRule("prefect-key", "Prefect key", "pnu_ pnb_", `${WORD}{36}`),
  tokenRule("age-key", "age secret key", "AGE-SECRET-KEY-1", "[A-Z0-9]{58}"),
];

/** Tokens that their shape tells, whatever stands around them. */
export const VENDOR_RULES: readonly SecretRule[] = [
  ...CLOUDS,
  ...FORGES,
  ...MODELS,
  ...MESSAGES,
  ...TOOLS,
];
