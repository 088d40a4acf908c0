import { optionLabels } from "@mede2/schemas";
import { goldLabels, type PeerReply, type PeerVerdict } from "./peer-verdict.ts";
import { similarity } from "./similarity.ts";

/**
 * MedEvalKit (`utils/utils.py`): `judge_multi_choice` for options, `judge_judgement` where they are yes and no, exact match of the parsed reply for open
 * questions (its em; BLEU and ROUGE are not scored here). Where neither a label nor an option is read, the option that is nearest by
 * `difflib` counts, the first when all are equally far: marked as a guess.
 */
export function medevalkitVerdict({ text, options, gold }: PeerReply): PeerVerdict {
  const labels = optionLabels(options.length);
  if (labels.length === 0) {
    const said = parsed(text.toLowerCase());
    return { label: null, correct: "text" in gold && said === gold.text.toLowerCase(), guess: null };
  }
  const right = goldLabels(gold);
  const words = options.map((option) => option.toLowerCase());
  if (words.every((word) => word === "yes" || word === "no")) {
    const said = parsed(text.toLowerCase()).replace(/[\n.]/g, "");
    const [yes, no] = [said.includes("yes"), said.includes("no")];
    const label = yes === no ? null : (labels[words.indexOf(yes ? "yes" : "no")] ?? null);
    return { label, correct: label !== null && right.length === 1 && right[0] === label, guess: null };
  }
  const letters = labels.map((label) => label.toLowerCase());
  let said = text.toLowerCase();
  const blocks = said.split("\n\n");
  const last = blocks.at(-1)!.split(".")[0]!;
  if (letters.includes(blocks[0]!)) said = blocks[0]!;
  else if (letters.includes(last)) said = last;
  said = parsed(said).trim().toLowerCase().replaceAll("\n", "");
  const short = said.split(".")[0]!.split(":").at(-1)!;
  const byLetter = letters.indexOf(short);
  const option = byLetter >= 0 ? byLetter : words.indexOf(short);
  const judge = (at: number, guess: PeerVerdict["guess"]): PeerVerdict => ({
    label: labels[at]!,
    // options with the same words are the same answer there
    correct:
      right.length === 1 &&
      (labels[at] === right[0] ||
        (byLetter < 0 && guess === null && words[at] === words[labels.indexOf(right[0]!)])),
    guess,
  });
  if (option >= 0) return judge(option, null);
  let [nearest, best] = [0, 0];
  for (const [at, word] of words.entries()) {
    const ratio = similarity(word, said);
    if (ratio > best) [nearest, best] = [at, ratio];
  }
  return judge(nearest, { kind: "nearest", among: labels.length });
}

const marks = [
  "**answer**:",
  "**answer**",
  "*answer*:",
  "**answer:**",
  "answer is",
  "answer:",
  "答案:",
  "final answer",
  "final answer is",
];

/** `parse_response`: the last box, "None" where it never ends; else what stands in answer tags; then what follows the last mark of an answer. */
function parsed(lower: string): string {
  let said = lower.includes("boxed") ? lastBox(lower) : lower.includes("<answer>") ? inTags(lower) : lower;
  for (const mark of marks) if (said.includes(mark)) said = said.split(mark).at(-1)!;
  return said;
}

function lastBox(text: string): string {
  const start = text.lastIndexOf("\\boxed{");
  if (start < 0) return "None";
  const inside = start + "\\boxed{".length;
  for (let at = inside, depth = 0; at < text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}" && --depth < 0) return text.slice(inside, at).trim();
  }
  return "None";
}

function inTags(text: string): string {
  const found: string[] = [];
  for (let open = text.indexOf("<answer>"); open >= 0; ) {
    const close = text.indexOf("</answer>", open);
    if (close < 0) break;
    found.push(text.slice(open + "<answer>".length, close));
    open = text.indexOf("<answer>", close);
  }
  const joined = found
    .map((piece) => `${piece} `)
    .join("")
    .trim();
  return joined === "" ? text : joined;
}
