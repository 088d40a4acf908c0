export { type AuditOptions, auditFile } from "./audit-file.ts";
export { auditMarkdown } from "./audit-markdown.ts";
export type { AuditedAgainst, AuditReport } from "./audit-report.ts";
export { type AuditSettings, auditSettings } from "./audit-settings.ts";
export { contaminating, type HitKind, hitKinds } from "./find-hits.ts";
export { type BlindRule, type OptionForm, optionFormCounter } from "./option-form.ts";
