import fc from "fast-check";
import { expect, test } from "vitest";
import { nameFault, portableName } from "./portable-name.ts";

test.each([
  ["", "empty"],
  ["..", "there already"],
  ["a:b", '":"'],
  ["2026-01-31T12:00", '":"'],
  ["a/b", '"/"'],
  ["a\\b", '"\\\\"'],
  ["what?", '"?"'],
  ["tab\there", '"\\t"'],
  ["end.", "ends with a dot"],
  ["end ", "ends with a dot or a space"],
  ["con", "device"],
  ["NUL.jsonl", "device"],
  ["Com1.tar.gz", "device"],
  ["lpt9 .txt", "device"],
  ["COM²", "device"],
  ["half\ud800", "half"],
  ["é".repeat(101), "longer"],
])("%j cannot be a name everywhere", (name, why) => {
  expect(nameFault(name)).toContain(why);
});

test.each(["console", "nullable.jsonl", "com10", "a b", ".hidden", "é".repeat(100), "run 1.plan.json", "~"])(
  "%j can",
  (name) => {
    expect(nameFault(name)).toBeNull();
  },
);

test("whatever a task is called, its file can be written, and keeps its name when cleaned again", () => {
  const odd = fc.constantFrom("CON", "nul.x", "a:b", "..", ". .", "COM1.", "é", "x".repeat(500), "\u202e");
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string(),
    odd,
    fc.tuple(odd, fc.string()).map((it) => it.join("")),
  );
  fc.assert(
    fc.property(text, (task) => {
      const name = portableName(task);
      expect(nameFault(name)).toBeNull();
      expect(nameFault(`${name}.evaluation.jsonl`)).toBeNull();
      expect(portableName(name)).toBe(name);
    }),
    { numRuns: 500 },
  );
});

test("usual names stay", () => {
  for (const name of ["slake", "mmlu-medical", "a_b.c-1"]) expect(portableName(name)).toBe(name);
  expect(portableName("my task / part 2")).toBe("my-task-part-2");
});

test("long names that differ at their ends stay apart", () => {
  const long = "x".repeat(200);
  expect(portableName(`${long}a`)).not.toBe(portableName(`${long}b`));
});
