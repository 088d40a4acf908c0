/** Attribute values in plain TypeScript. Numbers of `float` kind are marked by `{ float }`. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };
