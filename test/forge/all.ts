import type { Case } from "./case.ts";
import { FAILING_CASES } from "./cases/failing.ts";
import { GIT_CASES } from "./cases/git.ts";
import { MERGE_CASES } from "./cases/merging.ts";
import { onceCases } from "./cases/once.ts";
import { WHOLE_WAY_CASES } from "./cases/whole-way.ts";

/** Every case there is. */
export function allCases(): readonly Case[] {
  return [...WHOLE_WAY_CASES, ...GIT_CASES, ...MERGE_CASES, ...FAILING_CASES, ...onceCases()];
}

/** Of the faults at every request every seventh, so that each request has its turn. */
export function fewCases(): readonly Case[] {
  return [
    ...WHOLE_WAY_CASES,
    ...GIT_CASES,
    ...MERGE_CASES,
    ...FAILING_CASES,
    ...onceCases().filter((_, index) => index % 7 === 0),
  ];
}
