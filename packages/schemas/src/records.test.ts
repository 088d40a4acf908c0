import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { examples, plan, question, trace } from "../test/example-records.ts";
import {
  jsonSchemas,
  planHash,
  questionSchema,
  readAllJsonl,
  recordId,
  recordNameOfFile,
  recordSchemas,
  runEventSchema,
  writeJsonlAtomic,
} from "./index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mede2-schemas-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The value with a key that no schema knows in every object of it. */
function withUnknownKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownKeys);
  if (typeof value !== "object" || value === null) return value;
  return {
    ...Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withUnknownKeys(item)])),
    "x-later": { kept: [1, "é\u2028"] },
  };
}

/** The fields that each record must have, copied from the contract by hand. */
const required = {
  question: "id source revision split stem options gold images group tags licence".split(" "),
  trace:
    "id questionId by stage images imageHashes promptHash sample text reasoning steps answer finish tokens".split(
      " ",
    ),
  demonstration: "id question trace orchestration checks".split(" "),
  passage: "id source split text images licence".split(" "),
  rating: "traceId scorer gates criteria total".split(" "),
  candidates: "question traces ratings".split(" "),
  "preference-pair":
    "id question chosen rejected ratings negativeKind margin weight provenance licence split".split(" "),
  "rated-answer": "id question trace rating desirable weight provenance licence split".split(" "),
  verdict: "pairId reviewer choice order blind seconds ts".split(" "),
  "evaluation-record":
    "questionId task protocol model stage images sample traceId answer outcome byRule group tags".split(" "),
  plan: "kind recipe data seed threads".split(" "),
  "run-manifest": "id kind plan planHash code data device host argv createdAt parents imageStore".split(" "),
  "run-event": "seq ts type".split(" "),
  "control-request": "id by request args".split(" "),
  heartbeat: "ts attempt pid bootId host".split(" "),
} satisfies Record<keyof typeof examples, string[]>;

describe.each(Object.entries(examples))("%s", (name, records) => {
  const schema = recordSchemas[name as keyof typeof recordSchemas];

  it("is read and written again with nothing lost", async () => {
    const path = join(folder, `${name}.jsonl`);
    await writeJsonlAtomic(path, records, { schema });
    expect(await readAllJsonl(path, schema)).toEqual(records);
  });

  it("keeps unknown keys at every depth where names are fixed", async () => {
    // dictionaries have free keys whose values have a schema of their own: there an unknown key is an entry
    const free = new Set([
      "gates",
      "criteria",
      "byRule",
      "metrics",
      "facts",
      "settings",
      "args",
      "summary",
      "weights",
    ]);
    const extended = records.map((record) => {
      const clone = withUnknownKeys(record) as Record<string, unknown>;
      const restore = (to: Record<string, unknown>, from: Record<string, unknown>) => {
        for (const [key, item] of Object.entries(from)) {
          if (free.has(key)) to[key] = item;
          else if (typeof item === "object" && item !== null)
            restore(to[key] as Record<string, unknown>, item as Record<string, unknown>);
        }
      };
      restore(clone, record as Record<string, unknown>);
      return clone;
    });
    const path = join(folder, `${name}-extended.jsonl`);
    await writeJsonlAtomic(path, extended, { schema });
    const read = await readAllJsonl(path, schema);
    expect(read).toEqual(extended);
    await writeJsonlAtomic(path, read);
    expect(await readAllJsonl(path, schema)).toEqual(extended);
  });

  it("has every field of the contract, and is refused without any of them", () => {
    for (const field of ["record", "v", ...required[name as keyof typeof required]]) {
      for (const record of records) {
        const { [field]: removed, ...rest } = record as Record<string, unknown>;
        expect(removed, field).not.toBeUndefined();
        expect(schema.safeParse(rest).success, field).toBe(false);
      }
    }
    for (const record of records) expect(schema.safeParse({ ...record, v: 2 }).success).toBe(false);
  });

  it("has a JSON Schema that names its required fields", () => {
    const text = JSON.stringify(jsonSchemas()[name as keyof typeof recordSchemas]);
    expect(text).toContain(`"const":"${name}"`);
    expect(text).toContain('"required"');
  });
});

it("a plan that trains leaves nothing to a default", () => {
  const fields =
    "model loss optimiser schedule batch freeze device engine templateHash pixels decoding".split(" ");
  for (const field of fields) {
    const { [field]: _, ...rest } = plan as unknown as Record<string, unknown>;
    expect(recordSchemas.plan.safeParse(rest).success, field).toBe(false);
  }
});

it("has an example of every type of event", () => {
  const types = runEventSchema.options.map((option) => option.shape.type.value);
  expect(new Set(examples["run-event"].map((event) => (event as { type: string }).type))).toEqual(
    new Set(types),
  );
});

it("knows what a file holds by its name", () => {
  expect(recordNameOfFile("a/b.pairs.jsonl")).toBe("preference-pair");
  expect(recordNameOfFile("a/b.rated.jsonl")).toBe("rated-answer");
  expect(recordNameOfFile("a/b.plan.json")).toBe("plan");
  expect(recordNameOfFile("a/b.json")).toBeUndefined();
});

it("makes ids and hashes that do not depend on the order of keys", () => {
  const reversed = Object.fromEntries(Object.entries(plan).reverse()) as typeof plan;
  expect(planHash(reversed)).toBe(planHash(plan));
  expect(planHash({ ...plan, seed: 2 })).not.toBe(planHash(plan));
  expect(recordId(trace)).toBe(trace.id);
  expect(recordId({ ...trace, id: "another" })).toBe(trace.id);
});

it("types: a mistyped key is an error, a dictionary takes any key", () => {
  const parsed = questionSchema.parse(question);
  expect(parsed.stem).toBe(question.stem);
  // @ts-expect-error there is no such key
  expect(question.stemm).toBeUndefined();
});
