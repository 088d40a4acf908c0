export { checkShapes, inferTypes } from "./check-shapes.ts";
export { nameOutputs } from "./name-outputs.ts";
export { ownNormStatistics } from "./own-norm-statistics.ts";
export { type Condition, type Pass, runPasses, wellFormed, wellFormedUnordered } from "./pass.ts";
export { removeDeadNodes } from "./remove-dead-nodes.ts";
export { removeIdentities } from "./remove-identities.ts";
export { shareConstants } from "./share-constants.ts";
export { sortNodes } from "./sort-nodes.ts";
