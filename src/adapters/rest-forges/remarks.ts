import { isMarked } from "../../core/forge-text.ts";
import { type ListPlace, type Page, readNews } from "../../core/forge-cursor.ts";
import type { Remark } from "../../core/remark.ts";
import type { Answer, RestClient } from "./http.ts";

/** What a remark says of its author: our token is a person's, so only marked words are ours. */
export function authorOf(
  author: string,
  body: string,
  ownLogin: string | null,
): Pick<Remark, "author" | "isOurs"> {
  return { author, isOurs: author === ownLogin && isMarked(body) };
}

/** Asks for each author once; ours and programs are nobody's members. */
export async function withMembers(
  remarks: readonly Remark[],
  isMember: (author: string) => Promise<boolean>,
): Promise<readonly Remark[]> {
  const open = remarks.filter(({ kind, isOurs }) => kind !== "check" && !isOurs);
  const members = new Set<string>();
  for (const author of new Set(open.map((remark) => remark.author))) {
    if (await isMember(author)) members.add(author);
  }
  const isFromMember = (remark: Remark): boolean =>
    open.includes(remark) && members.has(remark.author);
  return remarks
    .map((remark) => Object.assign({}, remark, { isFromMember: isFromMember(remark) }))
    .toSorted((a, b) => a.at - b.at);
}

/** Reads the new items of lists; how far they were read then is in `places`. */
export interface NewsReader {
  readonly places: Record<string, ListPlace>;
  readonly read: <T>(list: NewsList<T>) => Promise<readonly T[]>;
}

/** A list that is read page by page. */
export interface NewsList<T> {
  readonly name: string;
  readonly what: string;
  readonly pageLength: number;
  readonly ask: (page: number, etag: string | null) => Promise<Answer<readonly T[]>>;
  readonly idOf: (item: T) => string;
}

/** Goes on where a cursor stood. */
export function makeNewsReader(
  client: RestClient,
  before: Readonly<Record<string, ListPlace>>,
): NewsReader {
  const places: Record<string, ListPlace> = {};
  return {
    places,
    async read({ name, what, pageLength, ask, idOf }) {
      const { news, place } = await readNews(
        before[name],
        async (page, tag) => {
          const answer = await ask(page, tag);
          if (answer.type === "refused") throw client.fail(answer, what);
          if (answer.type === "unchanged") return null;
          return pageOf(answer.data, answer.etag, pageLength);
        },
        idOf,
      );
      places[name] = place;
      return news;
    },
  };
}

function pageOf<T>(items: readonly T[], etag: string | null, pageLength: number): Page<T> {
  return { items, etag, isLast: items.length < pageLength };
}
