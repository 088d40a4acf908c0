import type { OpName } from "../../src/op-names.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { indexingKernels } from "./indexing.ts";
import { layoutKernels } from "./layout.ts";
import { matmulKernels } from "./matmul.ts";
import { normalisationKernels } from "./normalisation.ts";
import { reductionKernels } from "./reduction.ts";
import type { Kernel } from "./value.ts";

/** What every op of the builder computes. Leaving one out does not compile. */
export const kernels: Readonly<Record<OpName, Kernel>> = {
  ...elementwiseKernels,
  ...indexingKernels,
  ...layoutKernels,
  ...matmulKernels,
  ...normalisationKernels,
  ...reductionKernels,
};
