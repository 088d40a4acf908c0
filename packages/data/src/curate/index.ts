export { type CurateOptions, type CurateResult, curate } from "./curate.ts";
export { readCuratePlan } from "./curate-plan.ts";
export { type CurateSettings, curateSettingsSchema, type FilterSettings } from "./curate-settings.ts";
export { type Pool, selectBalanced } from "./select-balanced.ts";
