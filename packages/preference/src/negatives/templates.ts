/**
 * Words of the constructed negatives, in six sets. The checks of the scorer were tuned while sets "a" to "e" were looked at, one after the other; each was measured once
 * before. Set "f" was written before the checks were last changed and is used for measuring alone. Nothing in this folder imports anything of the scorer. `{}` is a slot.
 */
export type TemplateSet = "a" | "b" | "c" | "d" | "e" | "f";

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
  e: [
    { text: "Creatinine climbed to {} within a day.", fill: { low: 3.1, high: 7.9, digits: 1 } },
    { text: "With an INR of {}, bleeding is a concern.", fill: { low: 4.2, high: 8.8, digits: 1 } },
    {
      text: "Oxygen saturation dropped to {} percent on the ward.",
      fill: { low: 71, high: 86, digits: 0 },
    },
    { text: "An ESR of {} supports inflammation.", fill: { low: 64, high: 118, digits: 0 } },
    { text: "At triage the pulse was counted at {}.", fill: { low: 128, high: 171, digits: 0 } },
    { text: "Weight loss of {} kilograms is reported.", fill: { low: 7, high: 19, digits: 0 } },
    { text: "The urine contained {} red cells per field.", fill: { low: 21, high: 92, digits: 0 } },
    { text: "Bilirubin doubled to {} by the next morning.", fill: { low: 5.2, high: 14, digits: 1 } },
    {
      text: "The referral letter lists {}.",
      fill: ["bronchiectasis", "coeliac disease", "otosclerosis"],
    },
    {
      text: "According to the nurse, {} began after lunch.",
      fill: ["vomiting", "twitching", "shivering"],
    },
    {
      text: "{} was stopped last spring because of side effects.",
      fill: ["Valproate", "Clopidogrel", "Ramipril"],
    },
    { text: "Her grandmother was treated for {}.", fill: ["pemphigus", "glaucoma", "osteoporosis"] },
    { text: "The spouse describes {} at night.", fill: ["gasping", "sleepwalking", "leg jerks"] },
    {
      text: "Two siblings carry a diagnosis of {}.",
      fill: ["retinitis pigmentosa", "ataxia", "factor V Leiden"],
    },
    { text: "Palpation brings out {}.", fill: ["rebound tenderness", "a thrill", "crepitus"] },
    { text: "A faint {} is heard over the apex.", fill: ["rumble", "click", "gallop"] },
    { text: "Reflexes at the ankle are {}.", fill: ["lost", "brisk", "asymmetrical"] },
    { text: "The tongue looks {}.", fill: ["beefy", "furred", "atrophic"] },
    {
      text: "Skin inspection turns up {}.",
      fill: ["spider naevi", "livedo", "excoriations"],
    },
    {
      text: "Pets in the household include {}.",
      fill: ["a parakeet", "three cats", "a chinchilla"],
    },
    { text: "A trip to {} preceded the illness.", fill: ["Senegal", "Ecuador", "Cambodia"] },
    { text: "The job involves handling {}.", fill: ["asbestos", "solvents", "raw poultry"] },
    { text: "For a decade one bottle of {} a day was usual.", fill: ["vodka", "wine", "sherry"] },
    { text: "Menstruation has stopped since {}.", fill: ["spring", "the operation", "Easter"] },
    {
      text: "Vaccinations against {} were never completed.",
      fill: ["measles", "tetanus", "diphtheria"],
    },
    {
      text: "An outside MRI described {}.",
      fill: ["a syrinx", "pituitary enlargement", "cerebellar atrophy"],
    },
    {
      text: "Histology from last year gave {}.",
      fill: ["melanoma in situ", "Barrett mucosa", "lichen planus"],
    },
    {
      text: "The stool tested positive for {}.",
      fill: ["Giardia", "Shigella", "occult blood"],
    },
    { text: "Antibodies to {} were detected.", fill: ["double-stranded DNA", "gliadin", "centromere"] },
    {
      text: "A stent was placed in the {} two summers ago.",
      fill: ["ureter", "bile duct", "carotid artery"],
    },
    { text: "Penicillin once led to {}.", fill: ["anaphylaxis", "hives", "wheezing"] },
    { text: "Unlike before, speech is now {}.", fill: ["slurred", "nasal", "halting"] },
  ],
  f: [
    { text: "Haemoglobin sank to {} after the weekend.", fill: { low: 4.1, high: 7.2, digits: 1 } },
    { text: "A glucose of {} was read at the bedside.", fill: { low: 312, high: 688, digits: 0 } },
    { text: "His shoe size went up by {} in two winters.", fill: { low: 3, high: 5, digits: 0 } },
    { text: "In her teens she was cured of {}.", fill: ["lymphoma", "anorexia", "scoliosis"] },
    { text: "The neighbour found {} on the kitchen floor.", fill: ["empty blisters", "vomit", "a syringe"] },
    { text: "Bloods from Monday came with {}.", fill: ["hypokalaemia", "eosinophilia", "rouleaux"] },
    { text: "{} was tried and made things worse.", fill: ["Metoclopramide", "Ibuprofen", "Baclofen"] },
    { text: "He wears {} at work.", fill: ["a respirator", "ear plugs", "lead glasses"] },
    { text: "Both eyelids droop by {}.", fill: ["evening", "noon"] },
    { text: "The left testis feels {}.", fill: ["firm", "nodular", "heavy"] },
    { text: "Sputum carries {}.", fill: ["acid-fast rods", "streaks of pus", "hyphae"] },
    { text: "Nobody at home ever had {}.", fill: ["chickenpox", "scabies", "mumps"] },
    { text: "Walking downstairs brings on {}.", fill: ["cramps", "double vision", "sneezing"] },
    { text: "A second opinion spoke of {}.", fill: ["sarcoidosis", "Whipple disease", "hysteria"] },
    { text: "The mammogram from May was {}.", fill: ["suspicious", "clear"] },
    { text: "Thyroidectomy left a {} voice.", fill: ["hoarse", "whispering"] },
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
  e: [
    "These lines belong to a single account.",
    "The order of the points does not matter much.",
    "Everything so far has its place.",
    "That much was to be said about it.",
    "The parts make up one story.",
    "Here the account comes to its end.",
  ],
  f: [
    "One thing stands beside the next.",
    "So runs the account from start to finish.",
    "No more was said than this.",
    "Such are the things that were told.",
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
  e: [
    "Textbooks would vote for {}.",
    "Given nothing but the wording, {} seems fine.",
    "Examiners like {}.",
    "A glance at the options favours {}.",
    "From memory, {} goes with such complaints.",
    "Habit says {}.",
    "{} is chosen by most people who read this.",
    "There is no need to look further than {}.",
  ],
  f: [
    "A coin would land on {} too.",
    "Rote learning gives {}.",
    "With eyes shut one writes {}.",
    "The usual reflex is {}.",
    "Old exams have {} here.",
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
  e: [
    "The image reveals free air below the diaphragm.",
    "A spiculated mass is seen in the left breast on this view.",
    "The section contains multinucleated giant cells in the picture.",
    "In the photograph the optic disc appears swollen.",
    "The scan shows a horseshoe kidney.",
    "Delta waves are visible in the tracing.",
    "The radiograph shows a pacemaker lead in the right ventricle.",
    "On this image a comminuted fracture of the tibia is seen.",
  ],
  f: [
    "On the scan a horse-shoe shaped haematoma is visible.",
    "The picture shows a dislocated hip.",
    "In this image the trachea is pushed to the right.",
    "The film reveals a swallowed coin.",
    "The slide shows psammoma bodies.",
  ],
};
