import { type Line, span } from "../text/line.ts";

/** Stands wherever traces are shown. */
export const researchOnly = "Research only, not for diagnosis.";
export const researchLine: Line = [span(` ${researchOnly}`, "warn", { bold: true })];
