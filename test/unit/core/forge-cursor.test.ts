import { describe, expect, it } from "vitest";
import { PAGES_MAX, readCursor, readNews, writeCursor } from "../../../src/core/forge-cursor.ts";

const BEGINNING = { pull: null, lists: {} };

it("a cursor is read as it was written, and anything else is the beginning", () => {
  const place = {
    pull: { etag: "a", state: "open", head: "b" },
    lists: { comments: { pages: [{ etag: "c", isLast: true }], seen: ["1"] } },
  } as const;
  expect(readCursor(writeCursor(place))).toEqual(place);
  expect([null, "", "{}", "null", '{"version":2}'].map(readCursor)).toEqual(
    Array.from({ length: 5 }, () => BEGINNING),
  );
});

describe("what is new in a list", () => {
  /** A list in pages of two, each with a tag that changes with it. */
  function setup() {
    const items: string[] = [];
    const asked: string[] = [];
    return {
      items,
      asked,
      read: async (page: number, etag: string | null) => {
        const part = items.slice(2 * page - 2, 2 * page);
        const tag = part.join();
        asked.push(`${page} ${etag ?? "-"}`);
        return tag === etag ? null : { items: part, etag: tag, isLast: part.length < 2 };
      },
    };
  }

  it("is told once, page by page", async () => {
    const { items, asked, read } = setup();
    items.push("a", "b", "c");
    const first = await readNews(undefined, read, (item) => item);
    expect(first.news).toEqual(["a", "b", "c"]);
    const second = await readNews(first.place, read, (item) => item);
    expect(second).toEqual({ news: [], place: first.place });
    items.push("d");
    const third = await readNews(second.place, read, (item) => item);
    expect(third.news).toEqual(["d"]);
    expect(asked).toEqual(["1 -", "2 -", "1 a,b", "2 c", "1 a,b", "2 c", "3 -"]);
  });

  it("is told when something before it was removed", async () => {
    const { items, read } = setup();
    items.push("a", "b");
    const { place } = await readNews(undefined, read, (item) => item);
    items.splice(0, 1, "b");
    items.splice(1, 1, "c");
    expect((await readNews(place, read, (item) => item)).news).toEqual(["c"]);
  });

  it("has an end", async () => {
    const page = { items: ["a"], etag: null, isLast: false };
    const { place } = await readNews(
      undefined,
      async () => page,
      (item) => item,
    );
    expect(place.pages).toHaveLength(PAGES_MAX);
    // A forge that says "as it was" of what was never read.
    const odd = await readNews(undefined, async () => null, String);
    expect(odd).toEqual({ news: [], place: { pages: [{ etag: null, isLast: true }], seen: [] } });
  });
});
