import { nameFault } from "@mede2/schemas";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inspectLogName } from "./index.ts";

test("a log's name can be written on every system, whatever the task is called", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("CON", "a:b", "..", "x".repeat(400)));
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 4e12 }), (task, ms) => {
      expect(
        nameFault(inspectLogName({ task, model: task, created: new Date(ms), taskArgs: {} })),
      ).toBeNull();
    }),
  );
});
