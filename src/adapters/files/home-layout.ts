import { join } from "node:path";

/** Absolute paths of everything under one home. */
export interface HomeLayout {
  readonly path: string;
  readonly config: string;
  /** Texts for tasks; only people write it. */
  readonly templates: string;
  /** One folder for each task: where agents work. */
  readonly tasks: string;
  /** One folder for each project. */
  readonly projects: string;
  /** Files for all tasks; agents only read it. */
  readonly shared: string;
  readonly trash: string;
  /** What only the daemon touches; never within an agent's reach. */
  readonly data: string;
  readonly database: string;
  readonly results: string;
  readonly reports: string;
  readonly logs: string;
  /** One folder for each task: what its agent remembers between attempts. Agents write it. */
  readonly sessions: string;
  /** Bare repositories that hold every kept state. */
  readonly repositories: string;
  /** Packages that were downloaded for tasks; only the daemon reads and writes it. */
  readonly registryCache: string;
}

/** Where everything is in the home at `path`; touches nothing. */
export function homeLayout(path: string): HomeLayout {
  const data = join(path, "data");
  return {
    path,
    config: join(path, "config.yaml"),
    templates: join(path, "templates"),
    tasks: join(path, "tasks"),
    projects: join(path, "projects"),
    shared: join(path, "shared"),
    trash: join(path, "trash"),
    data,
    database: join(data, "tasks.db"),
    results: join(data, "results"),
    reports: join(data, "reports"),
    logs: join(data, "logs"),
    sessions: join(data, "sessions"),
    repositories: join(data, "repositories"),
    registryCache: join(data, "cache", "registries"),
  };
}
