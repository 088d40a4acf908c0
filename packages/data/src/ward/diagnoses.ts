import type { WardFactId } from "./facts.ts";
import type { WardFinding } from "./images/kinds.ts";
import type { WardGroupId } from "./treatments.ts";

/** A rule: this finding with this fact is this diagnosis, which belongs to this group of treatments. */
export interface WardDiagnosis {
  readonly finding: WardFinding;
  readonly fact: WardFactId;
  readonly name: string;
  readonly group: WardGroupId;
  /** Why finding and fact together make the diagnosis. */
  readonly source: string;
  /** Why the group treats it. */
  readonly treatmentSource: string;
  /** Values that would contradict the diagnosis (or make it unlikely) if they stood in the stem as normal. */
  readonly neverNormal: readonly WardFactId[];
}

type Row = readonly [
  WardFinding,
  WardFactId,
  string,
  WardGroupId,
  string,
  string,
  ...(readonly WardFactId[]),
];

// biome-ignore format: one rule a line
const rows: readonly Row[] = [
  // Chest film
  ["consolidation", "white-cells", "bacterial pneumonia", "antibacterial", "metlay-ats-2019", "metlay-ats-2019"],
  ["consolidation", "oxygen", "hypoxaemic pneumonia", "antibacterial", "metlay-ats-2019", "metlay-ats-2019", "white-cells"],
  ["consolidation", "bilirubin", "pneumonia with septic cholestasis", "antibacterial", "chand-2007", "metlay-ats-2019", "white-cells"],
  ["consolidation", "ferritin", "pulmonary haemosiderosis", "immunosuppressive", "saha-2021", "saha-2021", "haemoglobin"],
  ["effusion", "white-cells", "pleural empyema", "antibacterial", "roberts-bts-2023", "roberts-bts-2023"],
  ["effusion", "bnp", "congestive heart failure", "decongestive", "esc-hf-2021", "esc-hf-2021"],
  ["effusion", "blood-pressure", "renal fluid overload", "dialysis", "loutradis-2021", "chan-kdigo-2019", "creatinine", "haemoglobin", "bnp"],
  ["effusion", "creatinine", "uraemic pleurisy", "dialysis", "rashid-2013", "rashid-2013"],
  ["cardiomegaly", "blood-pressure", "hypertensive heart disease", "antihypertensive", "esc-htn-2024", "nice-ng136-2019"],
  ["cardiomegaly", "bilirubin", "congestive hepatopathy", "decongestive", "xanthopoulos-2019", "esc-hf-2021", "bnp"],
  ["cardiomegaly", "haemoglobin", "anaemic heart", "iron", "anand-1993", "snook-bsg-2021", "ferritin", "bnp"],
  ["cardiomegaly", "oxygen", "pulmonary oedema", "decongestive", "esc-hf-2021", "esc-hf-2021", "bnp"],
  ["nodules", "white-cells", "lung abscesses", "antibacterial", "kuhajda-2015", "kuhajda-2015"],
  ["nodules", "urine-red-cells", "granulomatous vasculitis", "immunosuppressive", "robson-2022", "hellmich-eular-2024"],
  ["nodules", "creatinine", "vasculitic kidney failure", "immunosuppressive", "robson-2022", "kdigo-anca-2024", "urine-red-cells", "haemoglobin"],
  ["nodules", "haemoglobin", "hereditary telangiectasia", "iron", "faughnan-2020", "faughnan-2020", "ferritin"],
  // ECG strip
  ["st-elevation", "troponin", "acute coronary occlusion", "antiplatelet", "thygesen-2018", "esc-acs-2023"],
  ["st-elevation", "creatinine", "uraemic pericarditis", "dialysis", "rehman-2017", "rehman-2017", "troponin"],
  ["st-elevation", "oxygen", "infarction with lung congestion", "antiplatelet", "killip-1967", "esc-acs-2023", "troponin", "bnp"],
  ["st-elevation", "bnp", "infarction with pump failure", "antiplatelet", "killip-1967", "esc-acs-2023", "troponin"],
  ["peaked-t", "troponin", "hyperacute infarction", "antiplatelet", "wagner-2009", "esc-acs-2023"],
  ["peaked-t", "creatinine", "uraemic hyperkalaemia", "dialysis", "chan-kdigo-2019", "alfonzo-ukka-2023"],
  ["peaked-t", "blood-pressure", "renal salt retention", "dialysis", "loutradis-2021", "alfonzo-ukka-2023", "creatinine", "haemoglobin"],
  ["peaked-t", "white-cells", "tumour lysis", "antileukaemic", "howard-2011", "dohner-eln-2022", "creatinine", "platelets", "haemoglobin"],
  ["irregular-rhythm", "white-cells", "septic fibrillation", "antibacterial", "walkey-2015", "evans-ssc-2021"],
  ["irregular-rhythm", "bnp", "fibrillation with heart failure", "decongestive", "esc-af-2024", "esc-hf-2021"],
  ["irregular-rhythm", "blood-pressure", "hypertensive fibrillation", "antihypertensive", "esc-af-2024", "esc-af-2024"],
  ["irregular-rhythm", "bilirubin", "right heart failure", "decongestive", "xanthopoulos-2019", "esc-hf-2021", "bnp"],
  ["wide-qrs", "troponin", "bundle branch infarction", "antiplatelet", "thygesen-2018", "esc-acs-2023"],
  ["wide-qrs", "bnp", "dyssynchronous heart failure", "decongestive", "esc-hf-2021", "esc-hf-2021"],
  ["wide-qrs", "creatinine", "uraemic conduction block", "dialysis", "mattu-2000", "alfonzo-ukka-2023"],
  ["wide-qrs", "blood-pressure", "hypertensive bundle block", "antihypertensive", "francia-2007", "nice-ng136-2019"],
  // Blood smear
  ["fragments", "blood-pressure", "malignant hypertension", "antihypertensive", "george-2014", "isles-1986", "haemoglobin", "platelets", "creatinine", "bilirubin"],
  ["fragments", "white-cells", "septic coagulopathy", "antibacterial", "levi-2009", "evans-ssc-2021", "platelets", "haemoglobin"],
  ["fragments", "ferritin", "leaking heart valve", "iron", "shapira-2009", "shapira-2009", "haemoglobin", "bilirubin"],
  ["fragments", "creatinine", "haemolytic uraemic syndrome", "dialysis", "george-2014", "fakhouri-2017", "platelets", "haemoglobin", "bilirubin", "urine-red-cells"],
  ["spherocytes", "haemoglobin", "warm haemolysis", "immunosuppressive", "hill-bsh-2017", "jager-aiha-2020", "bilirubin"],
  ["spherocytes", "creatinine", "haemoglobinuric kidney injury", "dialysis", "qian-2010", "kdigo-aki-2012", "bilirubin", "haemoglobin"],
  ["spherocytes", "white-cells", "lymphocytic leukaemia haemolysis", "immunosuppressive", "hallek-2018", "hallek-2018", "bilirubin", "haemoglobin"],
  ["spherocytes", "bilirubin", "haemolytic jaundice", "immunosuppressive", "hill-bsh-2017", "jager-aiha-2020", "haemoglobin"],
  ["blasts", "haemoglobin", "leukaemic marrow failure", "antileukaemic", "dohner-eln-2022", "dohner-eln-2022", "platelets", "white-cells"],
  ["blasts", "platelets", "bleeding acute leukaemia", "antileukaemic", "dohner-eln-2022", "dohner-eln-2022", "haemoglobin", "white-cells"],
  ["blasts", "troponin", "coronary leucostasis", "antileukaemic", "rollig-2015", "rollig-2015", "white-cells", "platelets", "haemoglobin"],
  ["blasts", "creatinine", "tumour lysis kidney injury", "dialysis", "howard-2011", "howard-2011", "white-cells", "platelets", "haemoglobin"],
  ["targets", "ferritin", "iron deficiency anaemia", "iron", "bain-2022", "snook-bsg-2021", "haemoglobin"],
  ["targets", "oxygen", "acute chest syndrome", "antibacterial", "howard-bsh-2015", "howard-bsh-2015", "haemoglobin", "bilirubin", "white-cells"],
  ["targets", "bnp", "thalassaemic heart", "decongestive", "pennell-2013", "pennell-2013", "haemoglobin", "ferritin"],
  ["targets", "creatinine", "sickle nephropathy", "dialysis", "liem-ash-2019", "liem-ash-2019", "haemoglobin", "bilirubin"],
  // Fundus
  ["haemorrhages", "blood-pressure", "hypertensive retinopathy", "antihypertensive", "wong-2004", "kulkarni-bihs-2023"],
  ["haemorrhages", "platelets", "immune thrombocytopenia", "immunosuppressive", "carraro-2001", "neunert-ash-2019"],
  ["haemorrhages", "white-cells", "leukaemic retinopathy", "antileukaemic", "schachat-1989", "dohner-eln-2022", "haemoglobin", "platelets"],
  ["haemorrhages", "haemoglobin", "anaemic retinopathy", "iron", "carraro-2001", "snook-bsg-2021", "ferritin"],
  ["cotton-wool", "blood-pressure", "accelerated hypertension", "antihypertensive", "wong-2004", "kulkarni-bihs-2023"],
  ["cotton-wool", "creatinine", "lupus nephritis", "immunosuppressive", "lanham-1982", "fanouriakis-eular-2024", "urine-red-cells", "haemoglobin"],
  ["cotton-wool", "ferritin", "anaemic retinal infarcts", "iron", "brown-1985", "snook-bsg-2021", "haemoglobin"],
  ["cotton-wool", "white-cells", "leukaemic retinal infarcts", "antileukaemic", "schachat-1989", "dohner-eln-2022", "haemoglobin", "platelets"],
  ["disc-swelling", "blood-pressure", "hypertensive papilloedema", "antihypertensive", "wong-2004", "isles-1986"],
  ["disc-swelling", "creatinine", "uraemic optic neuropathy", "dialysis", "knox-1988", "knox-1988", "haemoglobin"],
  ["disc-swelling", "ferritin", "anaemic papilloedema", "iron", "biousse-2003", "snook-bsg-2021", "haemoglobin"],
  ["disc-swelling", "white-cells", "leukaemic optic infiltration", "antileukaemic", "kincaid-1983", "dohner-eln-2022", "haemoglobin", "platelets"],
  ["exudates", "blood-pressure", "hypertensive maculopathy", "antihypertensive", "wong-2004", "kulkarni-bihs-2023"],
  ["exudates", "urine-red-cells", "hypertensive nephropathy", "antihypertensive", "wong-2004", "kdigo-bp-2021", "blood-pressure", "creatinine"],
  ["exudates", "haemoglobin", "anaemic maculopathy", "iron", "determinants-2023", "snook-bsg-2021", "ferritin"],
  ["exudates", "white-cells", "leukaemic maculopathy", "antileukaemic", "hasan-2021", "dohner-eln-2022", "haemoglobin", "platelets"],
];

/** All 64 rules, four for each finding, in the order of the picture table. */
export const wardDiagnoses: readonly WardDiagnosis[] = rows.map(
  ([finding, fact, name, group, source, treatmentSource, ...neverNormal]) => ({
    finding,
    fact,
    name,
    group,
    source,
    treatmentSource,
    neverNormal,
  }),
);

const byPair = new Map(
  wardDiagnoses.map((diagnosis) => [`${diagnosis.finding}+${diagnosis.fact}`, diagnosis]),
);

/** The diagnosis of a finding with a fact; undefined when the ward has no rule for the two. */
export function wardDiagnosis(finding: WardFinding, fact: WardFactId): WardDiagnosis | undefined {
  return byPair.get(`${finding}+${fact}`);
}
