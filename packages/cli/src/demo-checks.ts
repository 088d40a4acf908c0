import type { ChainCheck } from "@mede2/data";
import type { Rubric } from "@mede2/preference";

/** The gates of the preference's checks that a demonstration must pass, with the reason that a chain is turned down for. */
const gates = {
  "key-leak": { check: "no-key-leak", reason: "key-leak", about: "speaks of no answer that it was given" },
  "unseen-context": {
    check: "no-unseen-context",
    reason: "unseen-context",
    about: "speaks of no text that was not shown",
  },
  repetition: { check: "no-repetition", reason: "repetition", about: "does not go round in circles" },
  conclusion: {
    check: "conclusion-agrees",
    atLeast: 0.5,
    reason: "contradiction",
    about: "its conclusion in words is its answer",
  },
  eliminated: {
    check: "eliminated-stay-out",
    atLeast: 0.5,
    reason: "contradiction",
    about: "does not answer what it had ruled out",
  },
  flips: { check: "no-flips", reason: "contradiction", about: "no side, number or unit changes on the way" },
  "checks-evidence": {
    check: "evidence-checked",
    reason: "no-self-check",
    about: "a sentence goes back to the evidence and checks",
  },
} as const;

/** What a chain is turned down for beside its answer, form and sections: the checks of the preference, so that Stage I and Stage II want the same. */
export async function demoChecks(): Promise<ChainCheck[]> {
  const { rubricSchema, scoreTrace } = await import("@mede2/preference");
  return Object.entries(gates).map(([name, { reason, about, ...gate }]) => {
    const rubric: Rubric = rubricSchema.parse({
      name: "demos",
      version: "1",
      gates: { [name]: gate },
      criteria: {},
    });
    return {
      name,
      about,
      run(question, trace) {
        const { failures } = scoreTrace({ question, trace }, rubric);
        const failure = failures[name];
        return failure === undefined ? null : { rejected: reason, detail: failure.reason };
      },
    };
  });
}
