/** How far a list of remarks was read. */
export interface ListPlace {
  /** What is known of each page, in their order. */
  readonly pages: readonly PagePlace[];
  /** Ids that were passed on. */
  readonly seen: readonly string[];
}

/** What is known of a page that was read. */
export interface PagePlace {
  /** By it the forge says that nothing is new; null when it gave none. */
  readonly etag: string | null;
  readonly isLast: boolean;
}

/** How far the remarks about a pull request were read: the meaning of a cursor. */
export interface FeedbackPlace {
  /** The pull request as it was last; null before it was read. */
  readonly pull: {
    readonly etag: string | null;
    readonly state: "open" | "merged" | "closed";
    readonly head: string;
  } | null;
  /** By the name of the list. */
  readonly lists: Readonly<Record<string, ListPlace>>;
}

/** A page of a list as it was answered. */
export interface Page<T> extends PagePlace {
  readonly items: readonly T[];
}

/** How many pages of a list are read at most. */
export const PAGES_MAX = 10;

const BEGINNING: FeedbackPlace = { pull: null, lists: {} };

/** Reads a cursor of ours; null and what cannot be read stand for the beginning. */
export function readCursor(cursor: string | null): FeedbackPlace {
  if (cursor === null) return BEGINNING;
  try {
    const { version, pull, lists } = JSON.parse(cursor);
    return version === 1 ? { pull, lists } : BEGINNING;
  } catch {
    return BEGINNING;
  }
}

/** Writes a cursor. */
export function writeCursor({ pull, lists }: FeedbackPlace): string {
  return JSON.stringify({ version: 1, pull, lists });
}

/**
 * Reads what is new in a list, and how far it is read now. `readPage` counts from 1, gets the tag
 * that is known for the page, and answers null when the page is as it was.
 */
export async function readNews<T>(
  place: ListPlace | undefined,
  readPage: (page: number, etag: string | null) => Promise<Page<T> | null>,
  idOf: (item: T) => string,
): Promise<{ readonly news: readonly T[]; readonly place: ListPlace }> {
  const known = place?.pages ?? [];
  const seen = new Set(place?.seen);
  const news: T[] = [];
  const pages: PagePlace[] = [];
  while (pages.length < PAGES_MAX) {
    const before = known[pages.length];
    const page = await readPage(pages.length + 1, before?.etag ?? null);
    const { etag, isLast } = page ?? before ?? { etag: null, isLast: true };
    pages.push({ etag, isLast });
    for (const item of page?.items ?? []) {
      const id = idOf(item);
      if (!seen.has(id)) news.push(item);
      seen.add(id);
    }
    if (isLast) break;
  }
  return { news, place: { pages, seen: [...seen] } };
}
