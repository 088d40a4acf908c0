import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { jsonSchemas } from "../packages/schemas/src/index.ts";
import { root } from "./lib/workspace.mjs";

const page = readFileSync(join(root, "docs/records.md"), "utf8");
const rowOf = (name) =>
  page.split("\n").find((line) => line.startsWith("| ") && line.split("|")[1].includes(`\`${name}\``));
const variantsOf = (schema) => schema.anyOf ?? schema.oneOf ?? [schema];

/** The type of an event; its literal may stand behind a reference. */
function typeOf(schema, { type }) {
  return type.const ?? schema.definitions[type.$ref.split("/").at(-1)].const;
}

/** Every field of every record, and of every event by its type: [row of the page, field]. */
const fields = Object.entries(jsonSchemas()).flatMap(([record, schema]) =>
  variantsOf(schema).flatMap(({ properties }) => {
    const row = record === "run-event" ? typeOf(schema, properties) : record;
    return Object.keys(properties)
      .filter((field) => !["record", "v", "seq", "ts", "type", "nonFinite"].includes(field))
      .map((field) => [row, field]);
  }),
);

test("there are records with fields", () => {
  expect(fields.length).toBeGreaterThan(100);
});

test("docs/records.md names every field of every record", () => {
  const missing = fields.filter(([row, field]) => {
    if (row === "heartbeat") return false; // its fields are the writer's own business
    return !rowOf(row)?.match(new RegExp(`[\`{ ]${field}[\`?,:} ]`));
  });
  expect(missing).toEqual([]);
});
