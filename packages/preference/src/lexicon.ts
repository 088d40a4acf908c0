/** Words of pictures, by which a sentence is told to speak of what is seen. All patterns are linear. */

/** Signs: what a picture shows, in radiology, electrocardiography, haematology, ophthalmology, dermatology and pathology. */
export const signs =
  /\b(?:consolidations?|opacit(?:y|ies)|opacification|infiltrat(?:e|es|ion)|effusions?|pneumothora(?:x|ces)|atelectas[ie]s|cardiomegaly|nodules?|mass(?:es)?|cavit(?:y|ies|ation)|fractures?|dislocations?|lucenc(?:y|ies)|hyperlucenc(?:y|ies)|emphysema|oedema|edema|calcifications?|air bronchograms?|ground[- ]glass|reticulations?|honeycombing|thickening|streaks?|air[- ]fluid levels?|free air|midline shift|ha?emorrhages?|ha?ematomas?|infarcts?|lesions?|enhancement|stenos[ie]s|occlusions?|aneurysms?|dilat(?:ation|ion)|st[- ](?:segment )?(?:elevations?|depressions?)|t[- ]waves?|q[- ]waves?|p[- ]waves?|qrs|qt (?:interval|prolongation)|pr (?:interval|prolongation)|fibrillation|flutter|irregular rhythm|bundle branch block|blasts?|spherocytes?|schistocytes?|fragments|sickle cells?|target cells?|auer rods?|macrocyt(?:es|osis)|microcyt(?:es|osis)|hypersegmented|parasites?|exudates?|cotton[- ]wool(?: spots?)?|microaneurysms?|neovasculari[sz]ation|drusen|disc swelling|papill(?:o?edema)|cupping|papules?|plaques?|vesicles?|pustules?|bullae|ulcers?|erythema|atypia|necrosis|granulomas?|glands?|mitos[ie]s|fibrosis|clear lungs?)\b/gi;

/** Where something is. */
export const locations =
  /\b(?:right|left|bilateral|upper|lower|middle|apical|basal|basilar|hilar|perihilar|central|peripheral|anterior|posterior|lateral|medial|proximal|distal|superior|inferior|lobes?|zones?|base|apex|angle|hemithorax|lungs?|ventric(?:le|ular)|atri(?:um|al)|aort(?:a|ic)|cortex|leads?|macula|disc|quadrant|periphery|cytoplasm|nucle(?:us|i)|epidermis|dermis|femur|tibia|radius|ulna|vertebra[el]?|kidneys?|liver|spleen|brain)\b/i;

/** A sentence about the picture itself. */
export const pictureSays =
  /\b(?:picture|image|film|radiograph|x-?ray|scan|ct|mri|slice|ecg|ekg|electrocardiogram|strip|tracing|smear|slide|section|fundus|photograph|photo|figure|diagram|drawing|ultrasound|echocardiogram|view)\b[^.;\n]{0,40}\b(?:shows?|has|have|reveals?|demonstrates?|depicts?|displays?|illustrates?|with|there is|there are|seen|sees?|shown|visible)\b|\b(?:seen|visible|visuali[sz]ed)\b[^.;\n]{0,30}\b(?:picture|image|film|radiograph|x-?ray|scan|strip|smear|slide|fundus)\b/i;

/** A measure of a thing that is seen. */
export const measure = /\b\d+(?:\.\d+)?\s?(?:mm|cm|ms|%|boxes|squares|fold)\b|\bcardiothoracic ratio\b/i;

/** Kinds of picture, each with the words that name it. A metadata word belongs to the first family that matches it. */
export const modalities: Readonly<Record<string, RegExp>> = {
  ct: /\b(?:ct|computed tomograph\w*|tomogram)\b/i,
  mri: /\b(?:mri?|magnetic resonance|t1|t2|flair)\b/i,
  ultrasound: /\b(?:ultrasound|ultrasonograph\w*|sonogra\w*|echocardiogra\w*|doppler)\b/i,
  ecg: /\b(?:ecg|ekg|electrocardiogra\w*|rhythm strip)\b/i,
  fundus: /\b(?:fundus|fundoscop\w*|ophthalmoscop\w*|retinal photograph)\b/i,
  microscopy: /\b(?:microscop\w*|smear|histolog\w*|histopatholog\w*|biops\w*|cytolog\w*|stain(?:ed|ing)?)\b/i,
  endoscopy: /\b(?:endoscop\w*|colonoscop\w*|bronchoscop\w*)\b/i,
  dermoscopy: /\b(?:dermoscop\w*|dermatoscop\w*)\b/i,
  "x-ray": /\b(?:x-?rays?|radiographs?|chest films?|plain films?|mammogra\w*)\b/i,
};

/** Words that make a sentence a thought rather than a claim; the month of May is none. */
export const hypothetical =
  /\b(?:would|could|might|(?<!\b(?:in|from|since|of|until|by|on|last|during|early|late) )may|if|were it|suppose|consider|alternatively|instead of|rather than|typically|usually|classically|expected)\b/i;

/** What follows is denied, within the clause. */
export const denialBefore =
  /\b(?:no|not|without|never|neither|nor|absen(?:t|ce of)|rules? out|excludes?|free of|denies|negative for)\b[^.;:,]{0,40}$/i;
/** What precedes is denied. */
export const denialAfter =
  /^[^.;:]{0,30}\b(?:not seen|absent|excluded|not present|is not|are not|ruled out|unlikely)\b/i;
