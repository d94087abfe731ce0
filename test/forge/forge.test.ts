import { expect, it } from "vitest";
import { fewCases } from "./all.ts";
import { playCases } from "./case.ts";

it("GitHub is asked as it should be, whatever goes wrong", async () => {
  const played = await playCases(fewCases());
  expect(played.filter(({ problem }) => problem !== null)).toEqual([]);
});
