import { expect, test } from "vitest";
import type { Artifacts } from "../../src/ports/artifacts.ts";

const AT = Date.UTC(2027, 0, 15, 22);

/** Artifacts to be held to the contract, gone with what holds them. */
export interface OpenedArtifacts extends Disposable {
  readonly artifacts: Artifacts;
}

/** Every promise of the port for results, for any adapter. */
export function artifactsContract(open: () => OpenedArtifacts): void {
  test("what is written is read by either name of its folder, and is replaced whole", async () => {
    using opened = open();
    const { artifacts } = opened;
    const folder = await artifacts.open(12, 3, AT);
    expect(folder.path.endsWith(folder.relative)).toBe(true);
    await artifacts.write(folder.path, "final.md", "first, and longer");
    await artifacts.write(folder.relative, "final.md", "second");
    expect(await artifacts.tail(folder.path, "final.md", 100)).toBe("second");
    expect(await artifacts.tail(folder.relative, "final.md", 100)).toBe("second");
    expect(await artifacts.open(12, 3, AT)).toEqual(folder);
  });

  test("attempts do not see each other's files; what is not there is null", async () => {
    using opened = open();
    const { artifacts } = opened;
    const [first, second] = [await artifacts.open(1, 1, AT), await artifacts.open(1, 2, AT)];
    await artifacts.write(first.path, "final.md", "x");
    expect(await artifacts.tail(second.path, "final.md", 10)).toBeNull();
    expect(await artifacts.tail(first.path, "other.md", 10)).toBeNull();
  });

  test("a tail has at most so many bytes and begins with a whole character", async () => {
    using opened = open();
    const { artifacts } = opened;
    const { path } = await artifacts.open(1, 1, AT);
    await artifacts.write(path, "out.txt", "ab€🌙");
    const tails = [9, 8, 7, 6, 4, 3, 1, 0].map((bytes) => artifacts.tail(path, "out.txt", bytes));
    expect(await Promise.all(tails)).toEqual(["ab€🌙", "b€🌙", "€🌙", "🌙", "🌙", "", "", ""]);
  });

  test.each(["../x", "a/b", "", ".hidden"])("the name %j is refused", async (name) => {
    using opened = open();
    const { artifacts } = opened;
    const { path } = await artifacts.open(1, 1, AT);
    await expect(artifacts.write(path, name, "")).rejects.toThrow("is not a plain file name");
    await expect(artifacts.tail(path, name, 1)).rejects.toThrow("is not a plain file name");
  });
}
