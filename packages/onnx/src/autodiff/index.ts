export { type GradientOptions, gradients } from "./gradients.ts";
export type { GradientRule, NoGradient, RuleContext } from "./rule.ts";
export { gradientRules } from "./rules/index.ts";
export { sumToShape } from "./sum-to-shape.ts";
