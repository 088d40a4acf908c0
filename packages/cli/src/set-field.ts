import { CliError } from "./exit.ts";

type Json = { [key: string]: unknown };
type SchemaNode = {
  readonly $ref?: string;
  readonly definitions?: Readonly<Record<string, SchemaNode>>;
  readonly allOf?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: unknown;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
};

/**
 * Changes fields of a plan by `--set field=value`, such as `schedule.epochs=2`, `lora={"rank":8,…}` or `freeze=["visual."]`; an empty value takes an optional field out. The value is
 * JSON, or else a text. A name that the schema does not know is an error: kept silently, it would change nothing.
 */
export function setFields<T extends object>(record: T, assignments: readonly string[], schema: object): T {
  const copy = structuredClone(record) as Json;
  for (const assignment of assignments) setField(copy, assignment, schema as SchemaNode);
  return copy as T;
}

function setField(record: Json, assignment: string, schema: SchemaNode): void {
  const equals = assignment.indexOf("=");
  if (equals < 1)
    throw new CliError(
      "usage",
      `--set ${assignment}: there is no value`,
      "write --set schedule.epochs=2, or --set field= to take a field out",
    );
  const [path, text] = [assignment.slice(0, equals), assignment.slice(equals + 1)];
  const parts = path.split(".");
  let nodes: readonly SchemaNode[] = alternatives(schema, schema);
  let holder: unknown = record;
  parts.forEach((part, at) => {
    const inner = below(nodes, part);
    if (inner.length === 0) throw unknownField(path, part, nodes);
    nodes = inner.flatMap((node) => alternatives(node, schema));
    if (at === parts.length - 1) return;
    const place = holder as Json;
    place[part] ??= {};
    holder = place[part];
    if (typeof holder !== "object" || holder === null)
      throw new CliError("usage", `--set ${path}: ${part} holds no fields`, "name a field of the plan");
  });
  const last = parts.at(-1)!;
  if (text === "") delete (holder as Json)[last];
  else (holder as Json)[last] = jsonOrText(text);
}

/** What may lie under `part`; nothing where the schema knows no such name. A record of any names, which lists none, takes it. */
function below(nodes: readonly SchemaNode[], part: string): SchemaNode[] {
  const found: SchemaNode[] = [];
  for (const { items, properties, additionalProperties: any } of nodes) {
    if (items !== undefined && /^\d+$/.test(part)) found.push(items);
    if (properties !== undefined && Object.hasOwn(properties, part)) found.push(properties[part]!);
    if (properties === undefined && typeof any === "object" && any !== null) found.push(any as SchemaNode);
  }
  return found;
}

/** A node and all that it may stand for: what it refers to, and its alternatives. */
function alternatives(node: SchemaNode, root: SchemaNode): SchemaNode[] {
  const name = node.$ref?.replace(/^#\/definitions\//, "");
  const referred = name === undefined ? undefined : root.definitions?.[name];
  const more = [...(node.allOf ?? []), ...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  return [
    node,
    ...more.flatMap((each) => alternatives(each, root)),
    ...(referred === undefined ? [] : alternatives(referred, root)),
  ];
}

function unknownField(path: string, part: string, nodes: readonly SchemaNode[]): CliError {
  const names = [...new Set(nodes.flatMap(({ properties = {} }) => Object.keys(properties)))];
  return new CliError(
    "usage",
    `--set ${path}: a plan has no field ${JSON.stringify(part)} there`,
    names.length === 0 ? "leave it out" : `there are ${names.join(", ")}`,
  );
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
