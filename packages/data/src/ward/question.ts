import { type ImageRef, optionLabel, type Question } from "@mede2/schemas";
import type { WardCase } from "./case.ts";
import { wardFact } from "./facts.ts";
import { findingName } from "./findings.ts";
import type { WardImageKind } from "./images/kinds.ts";
import { wardStem } from "./prompt.ts";
import { wardFactor, wardGroup } from "./treatments.ts";

/** Changes when a case of the same id would be another case. */
export const WARD_REVISION = "1";

const tags: { readonly [K in WardImageKind]: { modality: string; specialty: string } } = {
  film: { modality: "x-ray", specialty: "radiology" },
  strip: { modality: "ecg", specialty: "cardiology" },
  smear: { modality: "microscopy", specialty: "haematology" },
  fundus: { modality: "fundus", specialty: "ophthalmology" },
};

/**
 * A case as a question. In the image form the stem has `<image>` where the picture stands, and `images` holds `imageRef` when one is given;
 * in the text form words stand there. `facts` holds what checks need, with the case's id as `case`.
 */
export function wardQuestion(
  wardCase: WardCase,
  options: { form: "image" | "text"; imageRef?: ImageRef },
): Question {
  const { form, imageRef } = options;
  return {
    record: "question",
    v: 1,
    id: `ward:${wardCase.id}-${form}`,
    source: "ward",
    revision: WARD_REVISION,
    split: wardCase.split,
    stem: wardStem(wardCase, form),
    options: [...wardCase.options],
    gold: { labels: [optionLabel(wardCase.options.indexOf(wardCase.answer))] },
    images: form === "image" && imageRef !== undefined ? [imageRef] : [],
    findings: `${wardCase.kind}: ${findingName(wardCase.finding, wardCase.modifier)}`,
    facts: {
      case: wardCase.id,
      form,
      kind: wardCase.kind,
      finding: wardCase.finding,
      modifier: wardCase.modifier,
      imageSeed: wardCase.imageSeed,
      fact: wardCase.fact,
      value: wardCase.value,
      meaning: wardFact(wardCase.fact).meaning,
      diagnosis: wardCase.diagnosis,
      group: wardGroup(wardCase.group).name,
      factor: wardFactor(wardCase.factor).name,
      answer: wardCase.answer,
    },
    group: { case: wardCase.id, image: `ward-image:${wardCase.id}`, stem: `ward-stem:${wardCase.id}` },
    tags: { ...tags[wardCase.kind], task: "treatment", type: "reasoning", language: "en" },
    licence: "Apache-2.0",
  };
}
