import { z } from "zod";
import type { ProtectedPathsPatch } from "../core/protected-paths.ts";
import type { PublishMode } from "../core/publish.ts";
import { type IsolationLevel, ISOLATION_LEVELS } from "../core/isolation.ts";
import {
  absolutePath,
  count,
  duration,
  hostRule,
  imageName,
  listOf,
  oneOf,
  processors,
  size,
  turnWeight,
} from "./kinds.ts";
import { folders, publishMode } from "./git-schema.ts";
import { protectedPaths } from "./project-file.ts";
import { setting } from "./setting.ts";
import { CONTAINER_ENGINES, type IsolationSettings, type ProjectSettings } from "./settings.ts";

/** Every setting as it is written, and what it becomes. */
interface Kinds {
  readonly level: z.ZodType<IsolationLevel>;
  readonly readable: z.ZodType<readonly string[]>;
  readonly writable: z.ZodType<readonly string[]>;
  readonly hosts: z.ZodType<IsolationSettings["hosts"]>;
  readonly memory: z.ZodType<number | null>;
  readonly cpus: z.ZodType<number | null>;
  readonly processes: z.ZodType<number | null>;
  readonly file: z.ZodType<number | null>;
  readonly disk: z.ZodType<number | null>;
  readonly files: z.ZodType<number | null>;
}

const KINDS: Kinds = {
  level: oneOf(ISOLATION_LEVELS),
  readable: listOf(absolutePath(), "absolute paths"),
  writable: listOf(absolutePath(), "absolute paths"),
  hosts: listOf(hostRule(), "hosts"),
  memory: size("1GiB", "1TiB").nullable(),
  cpus: processors().nullable(),
  processes: count(16, 100_000).nullable(),
  file: size("1MiB", "10TiB").nullable(),
  disk: size("1MiB", "1000TiB").nullable(),
  files: count(100, 1_000_000_000).nullable(),
};

type IsolationSection = z.ZodObject<
  { [Name in keyof AllKinds]: z.ZodPrefault<AllKinds[Name]> },
  z.core.$strict
>;

/** What is the same for all projects. */
interface CommonKinds {
  readonly image: z.ZodType<string | null>;
  readonly engine: z.ZodType<IsolationSettings["engine"]>;
}

type AllKinds = Kinds & CommonKinds;

/** What agents may do, for all tasks. */
export const isolationSection: IsolationSection = z
  .strictObject({
    level: setting(
      KINDS.level,
      "sandbox",
      "How far agents are fenced in: sandbox (own files, network and processes), container (the same by Podman or Docker, in an image of yours), process (a clean environment, and all ends with the daemon) or none.",
    ),
    image: setting(
      imageName().nullable(),
      null,
      "Image of the level container, which must be on this machine; it needs a shell, and socat or Node.",
    ),
    engine: setting(
      oneOf(CONTAINER_ENGINES).nullable(),
      null,
      "What makes the containers: podman or docker; null: whichever is there.",
    ),
    readable: setting(
      KINDS.readable,
      [],
      "Files and folders that agents may read besides their own folder and the system's programs.",
    ),
    writable: setting(
      KINDS.writable,
      [],
      "Folders that agents may write besides their own; everything in them must be worth no trust.",
    ),
    hosts: setting(
      KINDS.hosts,
      [],
      "Hosts that agents may reach besides the model service, such as git.example.org or *.example.org:8443.",
    ),
    memory: setting(
      KINDS.memory,
      "4GiB",
      "Most memory of an agent and all it starts (of each of its programs where the system gives us no control group); null: no limit.",
    ),
    cpus: setting(
      KINDS.cpus,
      null,
      "So many processors' worth of time for an agent, where the system gives us a control group; null: no limit.",
    ),
    processes: setting(
      KINDS.processes,
      1024,
      "Most processes of an agent and all it starts; null: no limit.",
    ),
    file: setting(KINDS.file, "4GiB", "Largest single file; null: no limit."),
    disk: setting(
      KINDS.disk,
      "20GiB",
      "Most that a task's own folders may hold; a task that passes it is ended within seconds; null: no limit.",
    ),
    files: setting(
      KINDS.files,
      1_000_000,
      "Most files and folders in a task's own folders; null: no limit.",
    ),
  })
  .describe("What agents may do to this machine.");

/** What is different for one project, as it is written. */
interface WrittenProject {
  readonly timeout?: number | undefined;
  readonly weight?: number | undefined;
  readonly publish?: PublishMode | undefined;
  readonly protected?: ProtectedPathsPatch | undefined;
  readonly folders?: readonly string[] | undefined;
  readonly isolation: {
    readonly [Name in keyof Kinds]?: z.output<Kinds[Name]> | undefined;
  };
}

/** What is different for one project. */
export const projectSection: z.ZodType<WrittenProject> = z.strictObject(
  {
    timeout: duration("1s", "7d").optional(),
    weight: turnWeight().optional(),
    publish: publishMode().optional(),
    protected: protectedPaths().optional(),
    folders: folders().optional(),
    isolation: z.strictObject(KINDS).partial().prefault({}),
  },
  { error: "must have `folders`, `isolation`, `protected`, `publish`, `timeout` or `weight`" },
);

/** The settings for all tasks, in their own units. */
export function isolationFrom(data: z.output<IsolationSection>): IsolationSettings {
  const { memory: memoryBytes, file: fileBytes, disk: diskBytes, ...others } = data;
  return { ...others, memoryBytes, fileBytes, diskBytes };
}

/** What projects change, in their own units; what a project does not name is absent. */
export function projectsFrom(
  data: Readonly<Record<string, WrittenProject>>,
): Readonly<Record<string, ProjectSettings>> {
  const entries = Object.entries(data).map(([name, project]) => {
    const { timeout, weight, publish, isolation } = project;
    const { memory, file, disk, ...others } = isolation;
    const sizes = { memoryBytes: memory, fileBytes: file, diskBytes: disk };
    return [
      name,
      {
        timeoutMs: timeout ?? null,
        weight: weight ?? null,
        publish: publish ?? null,
        protected: project.protected ?? {},
        folders: project.folders ?? [],
        isolation: withoutAbsent({ ...others, ...sizes }),
      },
    ];
  });
  return Object.fromEntries(entries) as Readonly<Record<string, ProjectSettings>>;
}

function withoutAbsent(
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
