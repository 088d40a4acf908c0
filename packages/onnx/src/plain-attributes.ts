import type { AttributeValue } from "./attribute-value.ts";
import { GraphError } from "./graph-error.ts";
import type { Attribute } from "./ir/graph.ts";

/** Attributes as `GraphBuilder.emit` takes them. */
export function plainAttributes(attributes: ReadonlyMap<string, Attribute>): Record<string, AttributeValue> {
  return Object.fromEntries([...attributes].map(([key, attribute]) => [key, plainValue(attribute)]));
}

function plainValue(attribute: Attribute): AttributeValue {
  switch (attribute.type) {
    case "int":
      return Number(attribute.value);
    case "float":
      return { float: attribute.value };
    case "ints":
      return attribute.value.map(Number);
    case "string":
      return typeof attribute.value === "string"
        ? attribute.value
        : new TextDecoder().decode(attribute.value);
    default:
      throw new GraphError("attribute", `an attribute of type ${attribute.type} cannot be copied`);
  }
}
