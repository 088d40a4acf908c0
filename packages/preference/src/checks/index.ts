import type { TraceCheck } from "./check.ts";
import { formChecks } from "./form.ts";
import { imageChecks } from "./image.ts";
import { linkChecks } from "./links.ts";
import { logicChecks } from "./logic.ts";
import { numberChecks } from "./number-concluded.ts";
import { pictureChecks } from "./picture.ts";
import { reflectionChecks } from "./reflection.ts";
import { polarityChecks } from "./sign-polarity.ts";
import { supportChecks } from "./support.ts";
import { textChecks } from "./text.ts";
import { wordChecks } from "./words.ts";

const table = {
  ...formChecks,
  ...wordChecks,
  ...supportChecks,
  ...linkChecks,
  ...logicChecks,
  ...numberChecks,
  ...imageChecks,
  ...pictureChecks,
  ...reflectionChecks,
  ...textChecks,
  ...polarityChecks,
} satisfies Record<string, TraceCheck>;

export type TraceCheckName = keyof typeof table;

/** Every check that a rubric may name. */
export const traceChecks: Readonly<Record<TraceCheckName, TraceCheck>> = table;
