import type { Artifacts } from "../ports/artifacts.ts";

/** Artifacts kept in a map from the path of a file to its content. */
export interface MemoryArtifacts extends Artifacts {
  readonly files: ReadonlyMap<string, string>;
}

/** Makes artifacts for tests; nothing touches a disk. */
export function memoryArtifacts(): MemoryArtifacts {
  const files = new Map<string, string>();
  return {
    files,
    open: async (taskId, attempt) => {
      const relative = `results/${taskId}-${attempt}`;
      return { path: `/${relative}`, relative };
    },
    write: async (folder, name, content) => void files.set(pathOf(folder, name), content),
    tail: async (folder, name, maxBytes) => {
      const content = files.get(pathOf(folder, name));
      return content === undefined ? null : endOf(content, maxBytes);
    },
  };
}

function pathOf(folder: string, name: string): string {
  if (!/^\w[\w.-]*$/u.test(name))
    throw new Error(`${JSON.stringify(name)} is not a plain file name`);
  return `${folder.startsWith("/") ? "" : "/"}${folder}/${name}`;
}

/** At most `maxBytes`, without a character that was cut in two. */
function endOf(content: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(content);
  let start = Math.max(0, bytes.length - maxBytes);
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return new TextDecoder().decode(bytes.subarray(start));
}
