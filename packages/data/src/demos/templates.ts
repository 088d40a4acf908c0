import { type Orchestration, orchestrationSchema } from "./orchestration.ts";

const checkCues = [
  "check",
  "checking",
  "verify",
  "verifying",
  "double-check",
  "re-examine",
  "reconsider",
  "look again",
  "going back",
  "confirm that",
  "does this fit",
  "on review",
];
const againstCues = [
  "rule out",
  "rules out",
  "ruled out",
  "less likely",
  "unlikely",
  "against",
  "excluded",
  "excludes",
  "would need",
  "would expect",
  "would show",
  "would cause",
  "rather than",
  "not seen",
  "not present",
  "does not fit",
  "argues",
];

/** The templates that are built in, by name. */
export const orchestrations: Readonly<Record<string, Orchestration>> = {
  /**
   * As far as the paper tells (arXiv 2505.23118: "precisely orchestrated reasoning demonstrations", chains that narrow a differential and verify themselves). Its own template is
   * not published; this is our reading.
   */
  paper: orchestrationSchema.parse({
    name: "paper",
    version: "1",
    about: "findings, differential, narrowing, conclusion, self-check: our reading of the paper",
    system:
      "You are an experienced clinician who teaches by thinking aloud. You never mention an answer key.",
    options: "labels",
    sections: [
      {
        name: "findings",
        ask: "Name the findings of the case that matter, with their values as given.",
        cues: [
          "findings",
          "finding",
          "presents with",
          "presentation",
          "shows",
          "history",
          "key features",
          "the case",
          "the patient",
          "this patient",
          "is notable for",
          "the question",
        ],
      },
      {
        name: "differential",
        ask: "List what could explain them.",
        cues: [
          "differential",
          "could be",
          "possibilities",
          "possible",
          "candidates",
          "consider",
          "considering",
          "options are",
          "could explain",
          "might be",
          "causes include",
        ],
      },
      {
        name: "narrowing",
        ask: "Weigh each against the findings and rule out what does not fit, with the reason.",
        cues: againstCues,
      },
      {
        name: "conclusion",
        ask: "Say what is left and why it follows.",
        cues: [
          "therefore",
          "thus",
          "hence",
          "most likely",
          "best explained",
          "best fits",
          "consistent with",
          "leaves",
          "so the",
          "this makes",
          "points to",
        ],
      },
      {
        name: "self-check",
        ask: "Check the conclusion once more against the case: name a finding that confirms it, or what would change it.",
        cues: checkCues,
      },
    ],
    ordered: true,
    words: [60, 900],
  }),
  /** For small models and for the ward. */
  short: orchestrationSchema.parse({
    name: "short",
    version: "1",
    about: "findings, an alternative with the reason against it, a check",
    system: "",
    options: "names",
    sections: [
      {
        name: "findings",
        ask: "Say what the case shows.",
        cues: ["shows", "has", "finding", "findings", "presents with", "history", "patient"],
      },
      { name: "alternative", ask: "Name an alternative and why it does not fit.", cues: againstCues },
      { name: "self-check", ask: "Check the answer against the case.", cues: checkCues },
    ],
    ordered: true,
    words: [12, 200],
  }),
};
