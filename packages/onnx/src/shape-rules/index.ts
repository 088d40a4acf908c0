import type { OpName } from "../op-names.ts";
import { elementwiseRules } from "./elementwise.ts";
import { indexingRules } from "./indexing.ts";
import { layoutRules } from "./layout.ts";
import { matmulRules } from "./matmul.ts";
import { normalisationRules } from "./normalisation.ts";
import { reductionRules } from "./reduction.ts";
import type { ShapeRule } from "./shapes.ts";

/** Output types of every op. Leaving one out does not compile. */
export const shapeRules: Readonly<Record<OpName, ShapeRule>> = {
  ...elementwiseRules,
  ...reductionRules,
  ...layoutRules,
  ...matmulRules,
  ...normalisationRules,
  ...indexingRules,
};
