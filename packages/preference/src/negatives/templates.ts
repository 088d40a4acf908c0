/**
 * Words of the constructed negatives, in four sets. The checks of the scorer were tuned while only set "a" was used. Set "b" was measured once and then the
 * checks were widened; the same with set "c"; set "d" was measured once with the checks as they are. Nothing in this folder imports anything of the scorer.
 * `{}` is a slot.
 */
export type TemplateSet = "a" | "b" | "c" | "d";

export interface Fabrication {
  text: string;
  /** What fills the slot; "number" stands for a drawn number. */
  fill: readonly string[] | { low: number; high: number; digits: number };
}

/** Statements about the patient that no case told. */
export const fabrications: Readonly<Record<TemplateSet, readonly Fabrication[]>> = {
  a: [
    { text: "The potassium is {} mmol/L.", fill: { low: 5.6, high: 7.4, digits: 1 } },
    { text: "The lactate of {} mmol/L is high.", fill: { low: 4, high: 9, digits: 1 } },
    { text: "The temperature is {} degrees.", fill: { low: 38.4, high: 40.2, digits: 1 } },
    {
      text: "The patient has a history of {}.",
      fill: ["asthma", "epilepsy", "gout", "psoriasis", "alcohol abuse"],
    },
    { text: "The patient smokes {} cigarettes a day.", fill: { low: 11, high: 39, digits: 0 } },
    { text: "A biopsy showed {}.", fill: ["granulomas", "amyloid", "clear cell carcinoma", "eosinophils"] },
    { text: "The patient takes {} every day.", fill: ["warfarin", "lithium", "methotrexate", "amiodarone"] },
    {
      text: "On examination there is {}.",
      fill: ["a splenic rub", "jaundice", "neck stiffness", "finger clubbing"],
    },
  ],
  b: [
    { text: "Laboratory tests returned a D-dimer of {}.", fill: { low: 900, high: 4800, digits: 0 } },
    { text: "Her sodium came back at {}.", fill: { low: 112, high: 124, digits: 0 } },
    {
      text: "Family history is positive for {}.",
      fill: ["Marfan syndrome", "haemophilia", "polyposis", "sarcoidosis"],
    },
    { text: "He recently travelled to {}.", fill: ["Thailand", "Ghana", "Peru", "Bolivia"] },
    { text: "Blood cultures grew {}.", fill: ["Staphylococcus aureus", "Listeria", "Candida albicans"] },
    {
      text: "The patient reports {} for three weeks.",
      fill: ["night sweats", "haemoptysis", "double vision", "itching"],
    },
    { text: "An earlier colonoscopy found {}.", fill: ["a villous adenoma", "pancolitis", "angiodysplasia"] },
    { text: "She underwent {} two years ago.", fill: ["splenectomy", "a liver transplant", "thyroidectomy"] },
  ],
  c: [
    { text: "Serum amylase was measured at {}.", fill: { low: 610, high: 2900, digits: 0 } },
    { text: "A ferritin near {} was noted last month.", fill: { low: 1200, high: 4100, digits: 0 } },
    { text: "There is a known allergy to {}.", fill: ["latex", "aspirin", "iodine", "peanuts"] },
    {
      text: "The mother suffered from {}.",
      fill: ["porphyria", "lupus", "neurofibromatosis", "thalassaemia"],
    },
    {
      text: "A lumbar puncture yielded {}.",
      fill: ["xanthochromic fluid", "budding yeast", "oligoclonal bands"],
    },
    { text: "The man works in {}.", fill: ["a quarry", "a shipyard", "a bakery", "an abattoir"] },
    { text: "Since yesterday there has been {}.", fill: ["slurred speech", "a purpuric rash", "hiccups"] },
    { text: "He was vaccinated against {} shortly before.", fill: ["yellow fever", "rabies", "typhoid"] },
  ],
  d: [
    { text: "Troponin rose to {} overnight.", fill: { low: 800, high: 5000, digits: 0 } },
    { text: "An uncle died of {} at an early age.", fill: ["leukaemia", "cardiomyopathy", "Wilson disease"] },
    {
      text: "Two weeks ago {} was begun.",
      fill: ["prednisolone", "isoniazid", "carbamazepine", "tamoxifen"],
    },
    {
      text: "Notes from another hospital mention {}.",
      fill: ["a pacemaker", "hepatitis C", "an adrenal adenoma"],
    },
    { text: "Her pupils are {}.", fill: ["unequal", "pinpoint", "sluggish"] },
    { text: "He keeps {} at home.", fill: ["parrots", "tortoises", "pigeons", "ferrets"] },
    { text: "The abdomen was found to be {} by the surgeon.", fill: ["rigid", "distended", "tympanitic"] },
    { text: "Earlier treatment with {} had no effect.", fill: ["colchicine", "acyclovir", "ketoconazole"] },
  ],
};

/** What is said in place of a reflection, so that lengths match: neutral words without a check or an alternative. */
export const fillers: Readonly<Record<TemplateSet, readonly string[]>> = {
  a: [
    "This is what the case tells.",
    "That is the picture so far and it is clear.",
    "These are the main points of the case.",
  ],
  b: [
    "The facts stand as they were told.",
    "All of it belongs to the same story.",
    "So much for what is known here.",
  ],
  c: [
    "One statement follows the other here.",
    "The story has a beginning and an end.",
    "What was told has been told in order.",
  ],
  d: [
    "Each point is part of the whole.",
    "Nothing was left out of the account.",
    "These things belong together here.",
  ],
};

/** How a chain is finished without looking: `{}` is the answer. */
export const blindEndings: Readonly<Record<TemplateSet, readonly string[]>> = {
  a: [
    "From the words of the question alone, {} is likely.",
    "Most patients of this kind turn out to have the same answer.",
    "Going by the text, {} is the usual choice.",
    "This is a common exam question and its answer is {}.",
  ],
  b: [
    "Statistically {} comes first in such questions.",
    "One would guess {} from the age and the complaint.",
    "Nothing else is needed to say {}.",
    "As a rule of thumb it is {}.",
  ],
  c: [
    "The wording suggests {}.",
    "{} is what books name first.",
    "Without more, {} will do.",
    "By experience one ends with {}.",
  ],
  d: [
    "Guessing from the question, {} comes to mind.",
    "{} is a safe bet.",
    "People with this complaint mostly have {}.",
    "The options leave {} as the popular one.",
  ],
};

/** Things that are "seen" where nothing can be. */
export const imaginedSigns: Readonly<Record<TemplateSet, readonly string[]>> = {
  a: [
    "The picture shows a large left pleural effusion.",
    "The image shows multiple nodules in both lungs.",
    "The picture has a displaced fracture of the lower femur.",
    "The image shows a right upper lobe mass with a cavity.",
  ],
  b: [
    "In this view a pneumothorax is visible on the right.",
    "A calcified lesion can be made out in the centre of the image.",
    "The scan demonstrates diffuse ground-glass opacity.",
    "One sees cotton-wool spots and haemorrhages at the macula in the photograph.",
  ],
  c: [
    "The photograph displays a dislocated shoulder.",
    "On the slide there are numerous parasites.",
    "The film has an air-fluid level under the left diaphragm.",
    "A midline shift is visible in this image.",
  ],
  d: [
    "There is a cavity with a thick wall seen on the film.",
    "The tracing has flutter waves in the inferior leads.",
    "The smear contains sickle cells.",
    "The view reveals a fractured clavicle.",
  ],
};

/** How an answer is dropped that is then given all the same: `{}` is the answer. */
export const rejections: Readonly<Record<TemplateSet, readonly string[]>> = {
  a: ["{} can be excluded.", "{} is ruled out."],
  b: ["{} does not fit this case.", "It is certainly not {}."],
  c: ["{} makes no sense here.", "Nothing speaks for {}.", "{} must be wrong."],
  d: [
    "Actually nobody would call this {}.",
    "{} is contradicted by everything above.",
    "The findings speak against {}.",
  ],
};

/** How another answer is concluded in between: `{}` is the other option. */
export const otherConclusions: Readonly<Record<TemplateSet, readonly string[]>> = {
  a: ["So the answer is {}.", "Therefore it is {}."],
  b: ["This settles it: {}.", "Everything points to {}, which is the answer."],
  c: ["The right choice is {}.", "I am sure that {} is correct.", "We end with {}."],
  d: ["{} it is.", "All things considered, {} wins.", "The solution is {}."],
};

/** Words and their opposites. */
export const opposites: Readonly<Record<TemplateSet, readonly (readonly [string, string])[]>> = {
  a: [
    ["left", "right"],
    ["increased", "decreased"],
    ["high", "low"],
    ["upper", "lower"],
    ["present", "absent"],
  ],
  b: [
    ["elevated", "reduced"],
    ["normal", "abnormal"],
    ["anterior", "posterior"],
    ["enlarged", "small"],
    ["more", "fewer"],
    ["bilateral", "unilateral"],
    ["acute", "chronic"],
    ["positive", "negative"],
    ["before", "after"],
  ],
  c: [
    ["superior", "inferior"],
    ["large", "small"],
    ["open", "closed"],
    ["inside", "outside"],
    ["first", "last"],
    ["most", "fewest"],
    ["above", "below"],
    ["severe", "mild"],
    ["many", "few"],
  ],
  d: [
    ["proximal", "distal"],
    ["strong", "weak"],
    ["long", "short"],
    ["full", "empty"],
    ["early", "late"],
    ["fast", "slow"],
    ["thick", "thin"],
    ["inner", "outer"],
    ["same", "different"],
    ["all", "none of"],
  ],
};

/** Verbs and how they are denied. */
export const denials: Readonly<Record<TemplateSet, readonly (readonly [string, string])[]>> = {
  a: [
    ["shows", "does not show"],
    ["is", "is not"],
    ["are", "are not"],
  ],
  b: [
    ["has", "does not have"],
    ["means", "does not mean"],
    ["causes", "does not cause"],
    ["can", "cannot"],
    ["occurs", "does not occur"],
    ["contains", "contains no"],
    ["have", "have no"],
    ["was", "was not"],
  ],
  c: [
    ["makes", "does not make"],
    ["needs", "does not need"],
    ["seen", "not seen"],
    ["demonstrates", "fails to demonstrate"],
    ["calls", "does not call"],
    ["will", "will never"],
    ["move", "do not move"],
    ["would", "would not"],
    ["with", "without"],
  ],
  d: [
    ["forms", "never forms"],
    ["allows", "prevents"],
    ["stands", "does not stand"],
    ["there is", "there is not"],
    ["becomes", "does not become"],
    ["should", "should not"],
    ["gives", "gives no"],
    ["in", "not in"],
  ],
};
