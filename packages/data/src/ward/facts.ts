/** A value on the chart that means something when it is abnormal. */
export interface WardFact {
  readonly id: WardFactId;
  /** The name on the chart. */
  readonly name: string;
  /** What an abnormal value means: the fact. */
  readonly meaning: string;
  readonly unit: string;
  /** The threshold in words, and who sets it. */
  readonly threshold: string;
  readonly source: string;
  readonly abnormal: readonly string[];
  readonly normal: readonly string[];
}

export type WardFactId =
  | "white-cells"
  | "creatinine"
  | "bnp"
  | "blood-pressure"
  | "ferritin"
  | "haemoglobin"
  | "platelets"
  | "troponin"
  | "oxygen"
  | "bilirubin"
  | "urine-red-cells";

const values = (...list: number[]): string[] => list.map(String);

/** The decisive values and their reading. Reference intervals are those of adults; see docs/ward.md. */
export const wardFacts: readonly WardFact[] = [
  {
    id: "white-cells",
    name: "white cells",
    meaning: "leucocytosis",
    unit: "10^9/L",
    threshold: "above 11",
    source: "hoffbrand-2019",
    abnormal: values(32, 34, 36, 38, 41, 43, 46, 47, 49, 52, 54, 58),
    normal: values(5, 6, 7, 8, 9, 10),
  },
  {
    id: "creatinine",
    name: "creatinine",
    meaning: "kidney failure",
    unit: "umol/L",
    threshold: "at least 354 (stage 3)",
    source: "kdigo-aki-2012",
    abnormal: values(480, 510, 560, 590, 620, 640, 680, 730, 760, 810, 860, 920),
    normal: values(62, 66, 71, 74, 78, 83, 87, 91),
  },
  {
    id: "bnp",
    name: "bnp",
    meaning: "cardiac strain",
    unit: "ng/L",
    threshold: "at least 100 in acute onset; here above 900",
    source: "esc-hf-2021",
    abnormal: values(940, 1080, 1200, 1350, 1460, 1570, 1690, 1780, 1920, 2100, 2250, 2400),
    normal: values(12, 16, 19, 23, 26, 28, 31, 34),
  },
  {
    id: "blood-pressure",
    name: "blood pressure",
    meaning: "severe hypertension",
    unit: "mmHg",
    threshold: "at least 180/120",
    source: "nice-ng136-2019",
    abnormal: [
      "212/124",
      "214/126",
      "216/128",
      "218/130",
      "220/130",
      "222/132",
      "224/134",
      "226/128",
      "228/136",
      "230/132",
      "234/138",
      "236/134",
    ],
    normal: ["112/68", "114/72", "116/70", "118/74", "121/76", "124/78", "126/72", "128/74"],
  },
  {
    id: "ferritin",
    name: "ferritin",
    meaning: "iron deficiency",
    unit: "ug/L",
    threshold: "below 15",
    source: "who-ferritin-2020",
    abnormal: values(3, 4, 5, 6, 7, 8, 9, 11),
    normal: values(62, 74, 88, 96, 110, 124, 138, 150),
  },
  {
    id: "haemoglobin",
    name: "haemoglobin",
    meaning: "severe anaemia",
    unit: "g/L",
    threshold: "below 80; here above 70, the restrictive limit for transfusion",
    source: "who-haemoglobin-2024",
    abnormal: values(71, 72, 73, 74, 75, 76, 77, 78, 79),
    normal: values(136, 139, 141, 144, 147, 149, 152),
  },
  {
    id: "platelets",
    name: "platelets",
    meaning: "severe thrombocytopenia",
    unit: "10^9/L",
    threshold: "below 20",
    source: "neunert-ash-2019",
    abnormal: values(4, 6, 7, 8, 9, 11, 13, 14, 16, 18),
    normal: values(190, 210, 230, 250, 270, 290, 310, 330),
  },
  {
    id: "troponin",
    name: "troponin",
    meaning: "myocardial injury",
    unit: "ng/L",
    threshold: "above the 99th percentile; here above 900",
    source: "thygesen-2018",
    abnormal: values(950, 1100, 1250, 1400, 1600, 1750, 1900, 2200, 2400, 2600, 2900, 3200),
    normal: values(2, 3, 4, 5, 6, 7, 8),
  },
  {
    id: "oxygen",
    name: "oxygen saturation",
    meaning: "hypoxaemia",
    unit: "% on room air",
    threshold: "below 92 (target range 94 to 98)",
    source: "odriscoll-bts-2017",
    abnormal: values(84, 85, 86, 87, 88, 89),
    normal: values(95, 96, 97, 98, 99),
  },
  {
    id: "bilirubin",
    name: "bilirubin",
    meaning: "jaundice",
    unit: "umol/L",
    threshold: "above 50, when jaundice shows",
    source: "pratt-2022",
    abnormal: values(92, 98, 104, 112, 118, 126, 132, 140, 148, 156),
    normal: values(6, 8, 9, 11, 12, 14, 15),
  },
  {
    id: "urine-red-cells",
    name: "urine red cells",
    meaning: "glomerular haematuria",
    unit: "per high-power field, with casts",
    threshold: "at least 3, here with red-cell casts",
    source: "aua-haematuria-2020",
    abnormal: values(45, 60, 70, 80, 90, 105, 120, 130, 160, 180),
    normal: values(0, 1, 2),
  },
];

const byId = new Map(wardFacts.map((fact) => [fact.id, fact]));

export function wardFact(id: WardFactId): WardFact {
  return byId.get(id)!;
}
