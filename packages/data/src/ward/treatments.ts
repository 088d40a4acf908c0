/** The four states of a patient that change the choice within a group of treatments: severity and line of treatment. */
export type WardFactorId = "untreated" | "critical" | "failed" | "intolerant";

export interface WardFactor {
  readonly id: WardFactorId;
  /** As a chain names it. */
  readonly name: string;
  /** As the stem says it. */
  readonly phrases: readonly string[];
}

export const wardFactors: readonly WardFactor[] = [
  {
    id: "untreated",
    name: "untreated",
    phrases: ["stable and not treated yet", "no treatment so far, stable"],
  },
  { id: "critical", name: "critically ill", phrases: ["now in intensive care", "has organ failure today"] },
  {
    id: "failed",
    name: "refractory",
    phrases: ["first line treatment failed", "no response to first line treatment"],
  },
  {
    id: "intolerant",
    name: "intolerant",
    phrases: ["could not tolerate first line treatment", "reacted badly to first line treatment"],
  },
];

export type WardGroupId =
  | "antibacterial"
  | "antiplatelet"
  | "immunosuppressive"
  | "decongestive"
  | "antihypertensive"
  | "antileukaemic"
  | "iron"
  | "dialysis";

/** The choice for one state, with its source. */
export interface WardChoice {
  readonly drug: string;
  readonly why: string;
  readonly source: string;
}

export interface WardGroup {
  readonly id: WardGroupId;
  /** As a chain names it. */
  readonly name: string;
  readonly choices: { readonly [F in WardFactorId]: WardChoice };
}

export const wardGroups: readonly WardGroup[] = [
  {
    id: "antibacterial",
    name: "antibiotics",
    choices: {
      untreated: {
        drug: "ceftriaxone",
        why: "intravenous third-generation cephalosporin, the beta-lactam of in-patient regimens",
        source: "metlay-ats-2019",
      },
      critical: {
        drug: "piperacillin",
        why: "with tazobactam: broad cover within the hour in septic shock without a risk of resistant organisms",
        source: "evans-ssc-2021",
      },
      failed: {
        drug: "meropenem",
        why: "a carbapenem when a third-generation cephalosporin fails (ESBL, AmpC): better than piperacillin (MERINO)",
        source: "harris-merino-2018",
      },
      intolerant: {
        drug: "levofloxacin",
        why: "the fluoroquinolone alternative in severe beta-lactam allergy",
        source: "metlay-ats-2019",
      },
    },
  },
  {
    id: "antiplatelet",
    name: "antiplatelets",
    choices: {
      untreated: {
        drug: "ticagrelor",
        why: "P2Y12 inhibitor of choice with aspirin (PLATO)",
        source: "esc-acs-2023",
      },
      critical: {
        drug: "cangrelor",
        why: "intravenous, when tablets are not absorbed (shock, ventilation)",
        source: "esc-acs-2023",
      },
      failed: {
        drug: "tirofiban",
        why: "glycoprotein IIb/IIIa inhibitor as bail-out when thrombus persists despite the P2Y12 inhibitor",
        source: "esc-acs-2023",
      },
      intolerant: {
        drug: "clopidogrel",
        why: "when ticagrelor or prasugrel is not tolerated",
        source: "esc-acs-2023",
      },
    },
  },
  {
    id: "immunosuppressive",
    name: "immunosuppression",
    choices: {
      untreated: {
        drug: "prednisolone",
        why: "the glucocorticoid with which every regimen of these diseases begins",
        source: "hellmich-eular-2024",
      },
      critical: {
        drug: "methylprednisolone",
        why: "intravenous pulses in organ- or life-threatening disease",
        source: "hellmich-eular-2024",
      },
      failed: {
        drug: "rituximab",
        why: "the B-cell antibody for glucocorticoid-refractory disease",
        source: "jager-aiha-2020",
      },
      intolerant: {
        drug: "azathioprine",
        why: "the oral glucocorticoid-sparing agent",
        source: "fanouriakis-eular-2024",
      },
    },
  },
  {
    id: "decongestive",
    name: "decongestion",
    choices: {
      untreated: {
        drug: "furosemide",
        why: "loop diuretic, class I for congestion",
        source: "esc-hf-2021",
      },
      critical: {
        drug: "dobutamine",
        why: "inotrope in low output with organ hypoperfusion",
        source: "esc-hf-2021",
      },
      failed: {
        drug: "metolazone",
        why: "a thiazide-type diuretic added when the loop diuretic fails (sequential nephron blockade)",
        source: "mullens-2019",
      },
      intolerant: {
        drug: "ethacrynic acid",
        why: "the loop diuretic that is no sulfonamide",
        source: "wall-2003",
      },
    },
  },
  {
    id: "antihypertensive",
    name: "antihypertensives",
    choices: {
      untreated: {
        drug: "amlodipine",
        why: "calcium-channel blocker, step 1 from the age of 55; oral treatment also serves in malignant hypertension without acute complication",
        source: "nice-ng136-2019",
      },
      critical: {
        drug: "labetalol",
        why: "intravenous, first line in hypertensive emergencies",
        source: "esc-htn-2024",
      },
      failed: {
        drug: "ramipril",
        why: "step 2: an ACE inhibitor is added to the calcium-channel blocker",
        source: "nice-ng136-2019",
      },
      intolerant: {
        drug: "indapamide",
        why: "a thiazide-like diuretic when the calcium-channel blocker is not tolerated",
        source: "nice-ng136-2019",
      },
    },
  },
  {
    id: "antileukaemic",
    name: "chemotherapy",
    choices: {
      untreated: {
        drug: "cytarabine",
        why: "with an anthracycline: induction in patients fit for it",
        source: "dohner-eln-2022",
      },
      critical: {
        drug: "hydroxycarbamide",
        why: "rapid cytoreduction of symptomatic leucostasis before induction",
        source: "rollig-2015",
      },
      failed: {
        drug: "fludarabine",
        why: "FLAG-IDA as salvage in refractory disease",
        source: "dohner-eln-2022",
      },
      intolerant: {
        drug: "azacitidine",
        why: "with venetoclax, when intensive induction is not tolerated (VIALE-A)",
        source: "dinardo-2020",
      },
    },
  },
  {
    id: "iron",
    name: "iron",
    choices: {
      untreated: {
        drug: "ferrous sulfate",
        why: "one tablet a day, first line",
        source: "snook-bsg-2021",
      },
      critical: {
        drug: "red cells",
        why: "transfusion in symptomatic or circulatory compromise, then iron",
        source: "snook-bsg-2021",
      },
      failed: {
        drug: "ferric carboxymaltose",
        why: "intravenous iron when oral iron is ineffective",
        source: "snook-bsg-2021",
      },
      intolerant: {
        drug: "ferric maltol",
        why: "the oral preparation for those who do not tolerate ferrous salts",
        source: "snook-bsg-2021",
      },
    },
  },
  {
    id: "dialysis",
    name: "dialysis",
    choices: {
      untreated: {
        drug: "haemodialysis",
        why: "intermittent haemodialysis clears potassium, fluid and uraemic toxins fastest",
        source: "chan-kdigo-2019",
      },
      critical: {
        drug: "haemofiltration",
        why: "continuous treatment in haemodynamic instability",
        source: "kdigo-aki-2012",
      },
      failed: {
        drug: "haemodiafiltration",
        why: "adds convective clearance when haemodialysis is inadequate (CONVINCE)",
        source: "blankestijn-2023",
      },
      intolerant: {
        drug: "peritoneal dialysis",
        why: "needs no vascular access and no extracorporeal circuit",
        source: "cullis-ispd-2021",
      },
    },
  },
];

const groupById = new Map(wardGroups.map((group) => [group.id, group]));
const factorById = new Map(wardFactors.map((factor) => [factor.id, factor]));

export function wardGroup(id: WardGroupId): WardGroup {
  return groupById.get(id)!;
}

export function wardFactor(id: WardFactorId): WardFactor {
  return factorById.get(id)!;
}

export function wardDrug(group: WardGroupId, factor: WardFactorId): string {
  return wardGroup(group).choices[factor].drug;
}
