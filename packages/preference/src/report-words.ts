/** Words by which a sentence is told to report something of one person, as against a rule of medicine. All patterns are linear. */

/** Somebody: the patient, a relative, or who tells of them. */
export const person =
  /\b(?:he|she|his|hers?|him|patient|man|woman|gentleman|lady|child|boy|girl|infant|newborn|baby|toddler|teenager|mother|father|parents?|grand(?:mother|father|parents?)|brother|sister|siblings?|twin|son|daughter|aunt|uncles?|cousins?|niece|nephew|relatives?|family|wife|husband|spouse|partner|girlfriend|boyfriend|neighbou?r|roommate|friends?|colleagues?|coworkers?|teacher|caregiver|nurse|paramedics?|surgeon|pharmacist)\b/i;

/** A time or an occasion of this illness or of this life. */
export const occasion =
  /\b(?:ago|yesterday|today|tonight|overnight|since|previous(?:ly)?|earlier|prior|before(?:hand)?|former(?:ly)?|recent(?:ly)?|once|now|currently|last (?:night|week|month|year|spring|summer|autumn|fall|winter)|(?:next|following|same) (?:day|morning|week)|for (?:the past|about|over|several|many|two|three|four|five|six|a|\d+) \S+|(?:on|at|upon|after|before) (?:admission|arrival|presentation|discharge|triage|birth|examination|inspection|palpation|auscultation|percussion|questioning)|hospitali[sz]\w+|follow-?up|childhood|months?|weeks?|years?|days?)\b/i;

/** Where what was found before is kept. */
export const record =
  /\b(?:notes|chart|(?:medical )?records|letter|referral|file|paperwork|discharge summary|documentation|medical history|family history|past history|social history|history)\b/i;

/** Habits, work, journeys, animals, remedies: what only a history can tell. */
export const circumstance =
  /\b(?:smok(?:es?|ed|ing|er)|cigarettes?|packs?|alcohol|drinks?|drank|drinker|bottles?|occupation|job|employed|employer|retired|works|worked|worker|factory|farm(?:er)?|travel(?:s|led|ed|ling|ing)?|trip|abroad|vacation|holiday|hik(?:ed|ing)|pets?|dogs?|cats?|birds?|household|lives|lived|married|divorced|single|sexually|partners?|vaccin\w+|immuni[sz]\w+|allerg\w+|exposed|exposure|diet|vegetarian|exercises?|takes|taking|took|medications?|prescribed|prescription|dose|tablets?|pills?|supplements?|contraceptives?|underwent|operation|operated|surgery|transplant\w*|stent\w*|implant\w*|diagnosed|treated|hospitali[sz]ed|admitted|complain(?:s|ed|ing)|reports?|reported|denies|denied|describes|notices|noticed|recalls|admits|states|refuses)\b/i;

/** What is found by hand, ear and eye, or counted at a bedside. */
export const examination =
  /\b(?:temperature|pulse|heart rate|blood pressure|respirations?|respiratory rate|oxygen saturation|saturation|weight|height|bmi|body mass index|vital signs|afebrile|febrile|physical exam(?:ination)?|examination|exam|palpation|auscultation|percussion|inspection|murmurs?|gallop|bruits?|rales|crackles|wheez(?:es?|ing)|rhonchi|breath sounds|bowel sounds|heart sounds|tender(?:ness)?|guarding|rebound|rigid(?:ity)?|distended|distention|distension|organomegaly|hepatomegaly|splenomegaly|lymphadenopathy|nodes|pupils?|reflex(?:es)?|gait|tongue|mucosa|mucous membranes|conjunctivae?|sclerae?|skin|rash|extremities|strength|sensation|speech|orient(?:ed|ation)|alert|appears)\b/i;

/** A test, with what it gave. */
export const test =
  /\b(?:laborator(?:y|ies)|labs|studies|serum|plasma|urin(?:e|alysis)|stools?|blood (?:tests?|cultures?|counts?|glucose)|cultures?|swabs?|smear|serology|antibod(?:y|ies)|antigens?|pcr|biops(?:y|ies)|histology|cytology|pathology|aspirat(?:e|ion)|puncture|fluid|endoscopy|colonoscopy|bronchoscopy|echocardiogra\w+|ultrasonograph\w*|spirometry|imaging|tests?|levels?|titers?|titres?|creatinine|urea|sodium|potassium|chloride|calcium|magnesium|phosphate|bicarbonate|glucose|h[a]?emoglobin|h[a]?ematocrit|leukocytes?|white (?:blood )?cells?|platelets?|bilirubin|albumin|amylase|lipase|troponin|ferritin|transferrin|cholesterol|triglycerides|lactate|ammonia|cortisol|tsh|thyroxine|insulin|inr|esr|crp|d-?dimer|alt|ast|alkaline phosphatase)\b/i;

/** How a finding is told: that it is there or not, or what an examination gave. */
export const told =
  /\bthere (?:is|are)\b|\b(?:is|are|were|was|remains?|appears?) (?:\w+ly )?(?:present|absent|noted|noticed|heard|palpable|palpated|observed|elicited|appreciated|audible|visible|seen|found|unremarkable|remarkable|normal|abnormal|stable|intact|tender|non-?tender|distended|enlarged|swollen|ordered|initiated|administered|worried|covered|positive|negative|elevated|decreased|increased|raised|reduced|low|high|given|started|placed|begun|obtained|performed|shown)\b|\bwithin normal limits\b|\b(?:unremarkable|positive|negative|unchanged|inspection)\b|\b(?:looks?|feels?|sounds?|turns? up|brings? out|brings? on|gives?|yields?|localized to)\b|\b(?:significant|notable|remarkable|positive|negative) (?:for|to)\b|\b(?:reveals?|shows?|demonstrates?|confirms?|includes?)\b/i;

/** How much and where, as findings are graded. */
export const graded =
  /\b(?:mild(?:ly)?|moderate(?:ly)?|severe(?:ly)?|diffuse(?:ly)?|bilateral(?:ly)?|unilateral(?:ly)?|marked(?:ly)?|slight(?:ly)?|faint|scattered|multiple|signs?|symptoms?|on the (?:left|right))\b/i;

const happened =
  /\b(?:was|were|had|did|has been|have been|began|became|came|rose|fell|grew|gave|took|went|felt|lost|led|brought|ate|drank|broke|died|woke|slept|ran)\b/i;
const participle = /(?<=^|\P{L})(\p{L}+ )?(\p{L}+ )?\p{L}{2,}[^\Wae]ed\b/giu;
const notPast = /\b(?:is|are|be|been|being|a|an|the|of|by|with|and|or|in|to|its|their|get|gets|well)\b/i;

/** Whether a sentence tells of something that has happened: a past, or a participle without "is" or an article before it. */
export function tellsPast(text: string): boolean {
  if (happened.test(text)) return true;
  for (const [, first = "", second = ""] of text.matchAll(participle))
    if (!notPast.test(`${first}${second}`) && `${first}${second}` !== "") return true;
  return false;
}

/** Sentences that think aloud or bind the one before, and report nothing. */
export const thinksAloud =
  /\b(?:let['’]s|let us|let me|i|i['’]m|i['’]ll|we|we['’]re|we['’]ll|you|your|my|our|us)\b|^\W*(?:this|that|these|those|it|they|which|so|thus|hence|therefore|but|and|or|if|like|people|although|because)\b|\b(?:so|therefore|thus|hence|should|assum\w+|rounded)\b/i;

/** Sentences that state a rule, where no person stands in them. */
export const rules =
  /\b(?:can|cannot|must|needs?|will|usually|often|always|generally|commonly|sometimes|tends?|means?|defined|known as|called|typical\w*)\b/i;

/** Words that carry nothing of a case: of texts, of reasoning and of time. */
export const plainWord =
  /^(?:case|cases|questions?|answers?|options?|points?|story|account|lines?|parts?|statements?|facts?|text|words?|reading|read|written|write|told|tell|tells|said|says|asked|asks|given|gives|known|knows|think|thought|thinking|reason\w*|evidence|finding|findings|picture|images?|film|figure|scan|view|shown|clear|clearly|likely|unlikely|therefore|thus|hence|because|since|while|though|although|however|together|belong\w*|order|place|whole|matter\w*|everything|nothing|something|anything|another|other|others|first|second|third|last|next|here|there|these|those|this|that|which|what|when|where|with|without|about|above|below|after|before|again|also|still|just|only|much|many|most|more|less|least|such|same|well|very|down|care|careful\w*|out|over|under|into|onto|from|than|then|them|they|their|have|does|must|should|need\w*|look\w*|find|make\w*|made|take|taken|comes?|goes|kind|sort|type|thing|things|way|ways|end|ends|beginning|begins?|begin|follow\w*|lead\w*|point\w*|fit|fits|fitting|agree\w*|confirm\w*|check\w*|consider\w*|exclud\w*|choose|chosen|choice|best|right|correct|wrong|true|false|years?|months?|weeks?|days?|hours?|today|yesterday|ago|recent\w*|earlier)$/;
