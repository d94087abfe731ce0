import { expect, it } from "vitest";
import {
  anything,
  filledText,
  listOf,
  maybe,
  number,
  objectOf,
  text,
  yes,
} from "../../../src/core/shape.ts";

it("reads what has the shape and leaves out the rest", () => {
  const shape = objectOf({
    name: filledText,
    note: maybe(text),
    size: number,
    isGood: yes,
    parts: listOf(text),
    any: anything,
  });
  const value = { name: "a", size: 1, parts: ["b"], any: [2], more: true };
  expect(shape(value)).toEqual({
    value: { name: "a", note: null, size: 1, isGood: false, parts: ["b"], any: [2] },
  });
  expect(shape({ ...value, note: "c", isGood: true })?.value).toMatchObject({
    note: "c",
    isGood: true,
  });
});

it.each([
  [text(1)],
  [filledText("")],
  [number("1")],
  [yes("true")],
  [maybe(text)(1)],
  [listOf(text)("a")],
  [listOf(text)([1])],
  [objectOf({ a: text })(null)],
  [objectOf({ a: text })("a")],
  [objectOf({ a: text })({ a: 1 })],
])("what has another shape is null", (read) => {
  expect(read).toBeNull();
});
