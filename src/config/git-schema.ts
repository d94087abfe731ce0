import { z } from "zod";
import { BRANCH_TEMPLATE, parseBranchTemplate } from "../core/branch-name.ts";
import { PUBLISH_MODES, type PublishMode } from "../core/publish.ts";
import { folderName } from "../core/cone.ts";
import { MESSAGE_TEMPLATE } from "../core/result-message.ts";
import { absolutePath, line, listOf, oneOf, variableName } from "./kinds.ts";
import { setting } from "./setting.ts";
import { type ForgeSettings, FORGE_KINDS, type GitSettings, SIGNING_FORMATS } from "./settings.ts";

const TEMPLATE_LENGTH_MAX = 4096;

/** What becomes of a result. */
export function publishMode(): z.ZodType<PublishMode> {
  return oneOf(PUBLISH_MODES);
}

/** Folders below the top of a repository. */
export function folders(): z.ZodType<string[]> {
  const error = "must be a folder below the top of the repository, such as services/api";
  const folder = z.string({ error }).transform((text, context) => {
    const name = folderName(text);
    if (name !== null) return name;
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });
  return listOf(folder, "folders", 1);
}

function branchTemplate(): z.ZodType<string> {
  return z
    .string({ error: "must be a name such as feature/{project}-{id}" })
    .transform((text, context) => {
      const parsed = parseBranchTemplate(text);
      if (parsed.ok) return parsed.value;
      const message =
        "must be a name for branches with {id} in it, such as feature/{project}-{id}-{slug}";
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    });
}

function messageTemplate(): z.ZodType<string> {
  const error = "must be a text that is not empty, such as {title}";
  return z.string({ error }).min(1, { error }).max(TEMPLATE_LENGTH_MAX, { error });
}

function emailAddress(): z.ZodType<string> {
  const error = "must be an e-mail address, such as bot@example.org";
  return z.string({ error }).regex(/^[^\s<>@]+@[^\s<>@]+$/u, { error });
}

function personName(): z.ZodType<string> {
  const error = "must be a name without < and >";
  return z.string({ error }).regex(/^[^\p{Cc}<>]{1,200}$/u, { error });
}

type GitSection = z.ZodObject<
  {
    publish: z.ZodPrefault<z.ZodType<PublishMode>>;
    branch: z.ZodPrefault<z.ZodType<string>>;
    message: z.ZodPrefault<z.ZodType<string>>;
    author_name: z.ZodPrefault<z.ZodType<string>>;
    author_email: z.ZodPrefault<z.ZodType<string>>;
    signing: z.ZodPrefault<z.ZodType<GitSettings["signing"]>>;
    signing_key: z.ZodPrefault<z.ZodType<string | null>>;
  },
  z.core.$strict
>;

/** How results are committed and where they go. */
export const gitSection: GitSection = z
  .strictObject({
    publish: setting(
      publishMode(),
      "auto",
      "What becomes of a result: pull-request, branch (sent, and no more), nothing (it stays with us), or auto (a pull request where `forges` knows the host, else a branch).",
    ),
    branch: setting(
      branchTemplate(),
      BRANCH_TEMPLATE,
      "Name of the branch of a task, with {project}, {id} and {slug}.",
    ),
    message: setting(
      messageTemplate(),
      MESSAGE_TEMPLATE,
      "Message of its commit, with {title}, {text}, {summary}, {project}, {id} and {verdict}; trailers follow.",
    ),
    author_name: setting(personName(), "sleepless[bot]", "Name by which commits are made."),
    author_email: setting(emailAddress(), "sleepless-bot@localhost", "Address for the same."),
    signing: setting(
      oneOf(SIGNING_FORMATS),
      "none",
      "How commits are signed: none, ssh or gpg; agents never see the key.",
    ),
    signing_key: setting(
      line("a key").nullable(),
      null,
      "Absolute path of a private key for ssh, or the name of a key for gpg.",
    ),
  })
  .refine(({ signing, signing_key: key }) => signing === "none" || key !== null, {
    error: "needs `signing_key` when `signing` is not none",
    path: ["signing_key"],
  })
  .describe("How results are committed and where they go.");

interface WrittenForge {
  readonly kind: ForgeSettings["kind"];
  readonly api: string | null;
  readonly token: string | null;
  readonly app: {
    readonly id: number;
    readonly installation: number | null;
    readonly key: string;
  } | null;
  readonly ssh_key: string | null;
}

function apiAddress(): z.ZodType<string> {
  const error = "must be an address such as https://git.example.org/api/v3";
  return z.string({ error }).refine((text) => /^https?:\/\/[^\s@]+$/u.test(text), { error });
}

/** One forge, under the name of its host. */
export const forgeSection: z.ZodType<WrittenForge> = z
  .strictObject(
    {
      kind: oneOf(FORGE_KINDS),
      api: apiAddress().nullable().default(null),
      token: variableName().nullable().default(null),
      app: z
        .strictObject({
          id: z.int({ error: "must be the number of a GitHub App" }).min(1),
          installation: z.int().min(1).nullable().default(null),
          key: absolutePath(),
        })
        .nullable()
        .default(null),
      ssh_key: absolutePath().nullable().default(null),
    },
    { error: "must have `kind` and, to open pull requests, `token` or `app`" },
  )
  .refine(({ kind, app }) => app === null || kind === "github", {
    error: "is for `kind: github` only; use `token`",
    path: ["app"],
  });

/** The name of a host, with its port when it is not the usual one. */
export function hostName(): z.ZodType<string> {
  const error = "must be the name of a host, such as github.com";
  return z.string({ error }).regex(/^[a-z0-9][a-z0-9.-]*(?::\d{1,5})?$/u, { error });
}

/** The settings in their own units. */
export function gitFrom(data: z.output<GitSection>): GitSettings {
  const { author_name: authorName, author_email: authorEmail, signing_key, ...same } = data;
  return { ...same, authorName, authorEmail, signingKey: signing_key };
}

/** The forges by their hosts. */
export function forgesFrom(
  data: Readonly<Record<string, WrittenForge>>,
): Readonly<Record<string, ForgeSettings>> {
  const entries = Object.entries(data).map(([host, { ssh_key: sshKey, token, ...same }]) => [
    host,
    { ...same, tokenVariable: token, sshKey },
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, ForgeSettings>>;
}
