// Contradictions in words that nobody here wrote: opposites as lists for learners of English have them, "not" where grammar puts it, and verdicts on an answer as a model wrote them
// (HuatuoGPT-o1's chains). Nothing here imports the scorer.
import { makeTrace } from "../../../answers/dist/index.js";

/** Three public lists of opposites, merged and without what cannot stand in a sentence about a case ("king", "love"). */
const opposites =
  "absent/present add/subtract advantage/disadvantage after/before agree/disagree alike/different alive/dead above/below active/inactive ancient/modern appear/disappear artificial/natural ascend/descend begin/end black/white build/destroy coarse/fine dangerous/safe dark/bright deep/shallow dull/bright early/late empty/full far/near find/lose first/last follow/lead fresh/stale high/low in/out known/unknown light/heavy normal/abnormal open/shut ordinary/special permanent/temporary positive/negative proper/improper regular/irregular right/left right/wrong rise/fall rough/smooth seen/unseen short/tall simple/complex sink/float slow/fast soft/hard start/stop strong/weak success/failure thick/thin true/false vague/clear visible/invisible wet/dry young/old"
    .split(" ")
    .map((pair) => pair.split("/"));

/** Sentences by which a model settles on its answer, `{}` in the answer's place; of even or odd rows. */
export function modelVerdicts(rows, half) {
  return rows.flatMap((row, index) => {
    if (index % 2 !== half) return [];
    const answer = row.options[row.answer_idx] ?? "";
    const sentences = sentencesOf(row.Complex_CoT);
    return sentences.slice(Math.floor(sentences.length * 0.8)).flatMap((sentence) => {
      const at = sentence.toLowerCase().indexOf(answer.toLowerCase());
      if (answer.length < 4 || at < 0 || sentence.endsWith("?")) return [];
      const verdict = `${sentence.slice(0, at)}{}${sentence.slice(at + answer.length)}`;
      // a verdict and no more: nothing of its own case, so that it can be said of another
      return verdict.length <= 60 && /(?<![\p{L}])\{\}(?![\p{L}])/u.test(verdict) ? [verdict] : [];
    });
  });
}

const sentencesOf = (text) =>
  text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((one) => one.trim())
    .filter(Boolean);

/** "is" becomes "is not", and so on; null where there is no verb that takes it. */
function negated(sentence) {
  const found = /\b(?:is|are|was|were|has|have|can|will|must|does|seems)\b|(?<=\w)['’]s\b/.exec(sentence);
  if (found === null) return null;
  const end = found.index + found[0].length;
  return `${sentence.slice(0, end)} not${sentence.slice(end)}`;
}

function opposite(sentence) {
  for (const [one, other] of opposites)
    for (const [from, to] of [
      [one, other],
      [other, one],
    ]) {
      const word = new RegExp(`\\b${from}\\b`, "i");
      if (word.test(sentence)) return sentence.replace(word, to);
    }
  return null;
}

/** The trace with one sentence more that another denies, and how; null where it offers no place. */
export function outsideContradiction({ question, trace }, { verdicts, random }) {
  const found = /^([\s\S]*?<think>\n)([\s\S]*?)(\n<\/think>[\s\S]*)$/.exec(trace.text);
  if (found === null) return null;
  const [, before, inner, after] = found;
  const joint = inner.includes("\n") ? "\n" : " ";
  const sentences = sentencesOf(inner);
  const right = question.options["ABCDEFGHIJKL".indexOf(trace.answer.labels?.[0] ?? "?")];
  const others = question.options.filter((option) => option !== right);
  const plain = random.shuffled(
    sentences
      .map((sentence, at) => ({ sentence, at }))
      .filter(({ sentence }) => !/\b(?:would|could|might|if|check|not|no)\b|\?$/i.test(sentence)),
  );
  const ways = [
    "opposite",
    "denial",
    ...(verdicts.length > 0 && right && others.length > 0 ? ["other-verdict", "verdict-denied"] : []),
  ];
  const way = random.shuffled(ways)[0];
  const insert = (at, said) => [...sentences.slice(0, at), said, ...sentences.slice(at)];
  let changed = null;
  if (way === "opposite" || way === "denial")
    for (const { sentence, at } of plain) {
      const said = (way === "opposite" ? opposite(sentence) : null) ?? negated(sentence);
      if (said === null) continue;
      changed = insert(Math.min(sentences.length, at + 1 + random.below(2)), said);
      break;
    }
  else {
    const verdict = random.shuffled(verdicts)[0];
    const words = way === "other-verdict" ? random.shuffled(others)[0] : right;
    const said = (
      way === "other-verdict" ? verdict : (negated(verdict) ?? `It is not true: ${verdict}`)
    ).replace("{}", words);
    changed = insert(Math.max(1, sentences.length - 1), said);
  }
  if (changed === null) return null;
  const { id: _, steps, reasoning, answer, ...rest } = trace;
  return {
    way,
    trace: makeTrace({
      ...rest,
      question,
      text: `${before}${changed.join(joint)}${after}`,
      by: { kind: "template", name: "outside words" },
    }),
  };
}
