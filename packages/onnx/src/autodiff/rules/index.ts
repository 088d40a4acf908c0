import type { OpName } from "../../op-names.ts";
import type { GradientRule, NoGradient } from "../rule.ts";
import { elementwiseGradients } from "./elementwise.ts";
import { indexingGradients } from "./indexing.ts";
import { layoutGradients } from "./layout.ts";
import { matmulGradients } from "./matmul.ts";
import { normalisationGradients } from "./normalisation.ts";
import { reductionGradients } from "./reduction.ts";

/** The gradient of every op, or why it has none. Leaving one out does not compile. */
export const gradientRules: Readonly<Record<OpName, GradientRule | NoGradient>> = {
  ...elementwiseGradients,
  ...reductionGradients,
  ...layoutGradients,
  ...matmulGradients,
  ...normalisationGradients,
  ...indexingGradients,
};
