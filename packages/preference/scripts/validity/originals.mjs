// Good traces to corrupt: of the ward by its generator, of VQA-RAD and OpenStax written from their questions by styles. Styles 0 and 1 were seen while the
// scorer was tuned, 2 and 3 were not. Nothing here imports the scorer.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeTrace } from "../../../answers/dist/index.js";
import { wardCases, wardChain, wardQuestion } from "../../../data/dist/index.js";

const image = (seed) => ({ sha256: hex(seed), mime: "image/jpeg", width: 512, height: 512 });
/** A stand-in for a hash: nobody opens the picture. */
function hex(text) {
  let state = 2166136261;
  let out = "";
  for (let at = 0; out.length < 64; at++) {
    for (const sign of `${text}/${at}`) state = Math.imul(state ^ sign.codePointAt(0), 16777619) >>> 0;
    out += state.toString(16).padStart(8, "0");
  }
  return out.slice(0, 64);
}

function traceOf(question, text, seed) {
  return makeTrace({
    ...{
      question,
      text,
      by: { kind: "template", name: "validity" },
      stage: null,
      finish: "stop",
      sample: null,
    },
    images: question.images.length > 0 ? "real" : "none",
    promptHash: hex(`prompt/${seed}`),
    tokens: { prompt: 100, completion: Math.ceil(text.length / 4) },
  });
}

/** Cases of the ward with the chain of their generator. `half` 0 was seen while tuning, 1 was not. */
export function wardOriginals(half, count) {
  return wardCases({ split: "stage2", count, seed: 100 + half }).map((one) => {
    const question = { ...wardQuestion(one, { form: "image" }), images: [image(one.id)] };
    return {
      question,
      trace: traceOf(question, wardChain(one, { seed: 2 * half, alternative: true, check: true }), 0),
      paraphrase: traceOf(
        question,
        wardChain(one, { seed: 2 * half + 1, alternative: true, check: true }),
        1,
      ),
    };
  });
}

export const lines = (path) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
const lower = (text) => text[0].toLowerCase() + text.slice(1);
const upper = (text) => text[0].toUpperCase() + text.slice(1);

const places = {
  CHEST: {
    kind: "chest radiograph",
    region: "lungs",
    also: "the heart and the bones",
    sign: "an opacity",
    modality: "x-ray",
  },
  HEAD: {
    kind: "head CT scan",
    region: "brain",
    also: "the ventricles and the skull",
    sign: "a hyperdense area",
    modality: "ct",
  },
  ABD: {
    kind: "abdominal CT scan",
    region: "liver and the bowel",
    also: "the kidneys and the spleen",
    sign: "free fluid",
    modality: "ct",
  },
};

/** "Is there evidence of X?" and "Is the X Y?" as a statement and its denial; null for other questions. */
function statements(question) {
  const text = question.trim().replace(/\?+$/, "").replace(/\s+/g, " ");
  let found = /^(is|are) there (?:any )?(?:evidence of )?(.+)$/i.exec(text);
  if (found) {
    const verb = found[1].toLowerCase();
    const thing = found[2].replace(/^(?:an?|any) /, "");
    return { yes: `there ${verb} ${found[2].replace(/^any /, "")}`, no: `there ${verb} no ${thing}`, thing };
  }
  found = /^(is|are) (the (?:\w+ ){0,2}?\w+) ((?:\w+ ?){1,3})$/i.exec(text);
  if (found)
    return {
      yes: `${found[2]} ${found[1].toLowerCase()} ${found[3]}`,
      no: `${found[2]} ${found[1].toLowerCase()} not ${found[3]}`,
      thing: `${found[3]} ${found[2].replace(/^the /, "")}`,
    };
  return null;
}

const vqaStyles = [
  ({ p, claim, other, thing, answer }) =>
    `The picture is a ${p.kind} and shows the ${p.region}.\nOn the ${p.kind}, ${claim}, and ${p.also} are seen beside it.\nIf ${other}, one would expect ${p.sign} there, which is not seen.\nChecking again: the question asks for ${thing}, and the picture still says that ${claim}.\nSo the answer is ${answer}.`,
  ({ p, claim, other, thing, answer }) =>
    `Looking at this ${p.kind}, the ${p.region} can be judged well.\nThe image shows that ${claim}.\nThe alternative would be that ${other}, but then ${p.sign} would have to be visible.\nTo verify this, I look again at the region of the ${thing}: ${claim}.\nTherefore the answer is ${answer}.`,
  ({ p, claim, other, thing, answer }) =>
    `We are asked about ${thing} on a ${p.kind}.\nIn the ${p.region} ${claim}; this is visible on the scan.\nWere it the case that ${other}, ${p.sign} could be expected, so this is less likely.\nA second look at ${p.also} confirms that ${claim}.\nHence ${answer}.`,
  ({ p, claim, other, thing, answer }) =>
    `First the kind of picture: a ${p.kind}.\nWith regard to ${thing}, the film demonstrates that ${claim}.\nAgainst the idea that ${other} speaks the absence of ${p.sign} in the ${p.region}.\nLet me re-examine the evidence for ${thing}: nothing changes.\nThe answer is ${answer}.`,
];

/** Closed questions of VQA-RAD, one a picture and question, with a written chain. */
export function vqaRadOriginals(folder, half, count) {
  const rows = JSON.parse(readFileSync(join(folder, "trainset.json"), "utf8"));
  const seen = new Set();
  const found = [];
  for (const row of rows) {
    const p = places[row.image_organ];
    const said = typeof row.question === "string" ? statements(row.question) : null;
    const answer = { yes: "Yes", no: "No" }[String(row.answer).trim().toLowerCase()];
    const key = `${row.image_name}/${row.question}`;
    if (!p || !said || !answer || seen.has(key) || row.qid % 2 !== half) continue;
    seen.add(key);
    const options = ["Yes", "No"];
    const label = answer === "Yes" ? "A" : "B";
    const question = {
      ...{
        record: "question",
        v: 1,
        id: `vqa-rad:${row.qid}`,
        source: "vqa-rad",
        revision: "osf",
        split: "train",
      },
      ...{
        stem: `<image>\n${row.question}`,
        options,
        gold: { labels: [label] },
        images: [image(row.image_name)],
      },
      ...{
        group: { image: row.image_name },
        tags: { modality: p.modality, language: "en" },
        licence: "CC0-1.0",
      },
    };
    const slots = {
      p,
      thing: said.thing,
      answer,
      claim: answer === "Yes" ? said.yes : said.no,
      other: answer === "Yes" ? said.no : said.yes,
    };
    const write = (style) =>
      traceOf(question, `<think>\n${vqaStyles[style](slots)}\n</think>\n\n\\boxed{${label}}`, style);
    found.push({ question, trace: write(2 * half), paraphrase: write(2 * half + 1) });
    if (found.length === count) break;
  }
  return found;
}

const bookStyles = [
  ({ seen, facts, option, label, other, why }) =>
    `The figure shows ${seen}.\n${facts.join(" ")}\n${upper(other)} would need something else, since ${why}.\nChecking against the figure, which shows ${seen}, option ${label} stands.\nSo the answer is ${option}.`,
  ({ seen, facts, option, other, why }) =>
    `In the picture one sees ${seen}.\n${facts.join("\n")}\nThe alternative ${other} is less likely because ${why}.\nTo confirm: ${lower(facts[0])}\nTherefore ${option}.`,
  ({ seen, facts, option, label, other, why }) =>
    `${facts[0]}\nThe image depicts ${seen}; this belongs to the question.\n${facts.slice(1).join(" ")}\nOne could think of ${other}, but ${why}.\nOn reflection the text and the image, ${seen}, agree with ${label}.\nThe answer is ${option}.`,
  ({ seen, facts, option, other, why }) =>
    `Let me start from what is visible: the image shows ${seen}.\nWhat is known: ${facts.join(" ")}\nAs opposed to ${other}: ${why}.\nRe-examining the first point, ${lower(facts[0])}\nHence the best choice is ${option}.`,
];

/** Multiple-choice questions of OpenStax with a figure of their module; the facts are sentences of the book's own explanations. */
export function openStaxOriginals(folder, half, count) {
  const by = (rows, of) => {
    const map = new Map();
    for (const row of rows) map.set(row.module, [...(map.get(row.module) ?? []), of(row)]);
    return map;
  };
  const sentencesOf = (text) =>
    text
      .replace(/\s+/g, " ")
      .match(/[^.]{25,180}\.(?= |$)/g)
      ?.map((one) => one.trim()) ?? [];
  const facts = by(lines(join(folder, "free_response.jsonl")), ({ answer }) => sentencesOf(answer));
  const figures = by(lines(join(folder, "figures.jsonl")), (row) => row);
  const found = [];
  for (const [index, row] of lines(join(folder, "mcq.jsonl")).entries()) {
    const pool = (facts.get(row.module) ?? []).flat().filter((one) => !/\d|=/.test(one));
    const figure = (figures.get(row.module) ?? [])[index % 3];
    const seen = /^(?:This|The) (?:\w+ )?\w+ shows? (.{15,140}?)[.;]/.exec(figure?.alt ?? "")?.[1];
    const options = Object.values(row.options);
    const right = row.options[row.answer];
    if (
      pool.length < 3 ||
      !seen ||
      options.length < 3 ||
      /all of|none of|both /i.test(options.join(" ")) ||
      index % 2 !== half
    )
      continue;
    const question = {
      ...{
        record: "question",
        v: 1,
        id: `openstax:${row.id}`,
        source: "openstax",
        revision: "2014",
        split: "train",
      },
      ...{
        stem: `<image>\n${row.question}`,
        options,
        gold: { labels: [row.answer] },
        images: [image(figure.id)],
      },
      ...{ findings: `${figure.alt} ${figure.caption}`, group: { case: row.module } },
      ...{ tags: { language: "en" }, licence: "CC-BY-3.0" },
    };
    const other = options.find((option) => option !== right);
    const at = index % (pool.length - 2);
    const slots = {
      seen,
      option: right,
      label: row.answer,
      other,
      facts: pool.slice(at, at + 3),
      why: "the text says nothing of that",
    };
    const write = (style) =>
      traceOf(question, `<think>\n${bookStyles[style](slots)}\n</think>\n\n\\boxed{${row.answer}}`, style);
    found.push({ question, trace: write(2 * half), paraphrase: write(2 * half + 1) });
    if (found.length === count) break;
  }
  return found;
}

/** Chains as HuatuoGPT-o1 wrote them, with the options of their question; no pictures. */
export function huatuoOriginals(folder, half, count) {
  return huatuoRows(folder)
    .flatMap((row, index) => {
      const labels = Object.keys(row.options ?? {});
      if (index % 2 !== half || !labels.includes(row.answer_idx) || !row.Complex_CoT) return [];
      const question = {
        ...{
          record: "question",
          v: 1,
          id: `huatuo:${index}`,
          source: "huatuo-o1",
          revision: "demo",
          split: "train",
        },
        ...{ stem: row.question, options: labels.map((label) => row.options[label]), images: [] },
        ...{ gold: { labels: [row.answer_idx] }, group: { case: String(index) } },
        ...{ tags: { language: "en" }, licence: "Apache-2.0" },
      };
      const text = `<think>\n${row.Complex_CoT.trim()}\n</think>\n\n${row.Response.trim()}\n\n\\boxed{${row.answer_idx}}`;
      return [{ question, trace: traceOf(question, text, index) }];
    })
    .slice(0, count);
}

export const huatuoRows = (folder) => JSON.parse(readFileSync(join(folder, "demo_data.json"), "utf8"));

const escapes = (text) => String(text ?? "").replace(/\\n/g, "\n");

/** Model reasoning with a known result: question, trace and whether it is right. */
export function medcalcTraces(folder, files) {
  return files.flatMap((file) =>
    lines(join(folder, file)).flatMap((row, index) => {
      const thinking = escapes(row["LLM Thinking"] ?? row["LLM Raw Thinking"])
        .replace(/<\/?think>/g, " ")
        .trim();
      const explanation = escapes(row["Target Explanation"] ?? row["LLM Explanation"]).trim();
      const said = String(row["Target Answer"] ?? row["LLM Answer"] ?? "").trim();
      const result = row["Target Result"] ?? row.Result;
      if (thinking === "" || said === "" || !["Correct", "Incorrect"].includes(result)) return [];
      const question = {
        ...{
          record: "question",
          v: 1,
          id: `medcalc:${row["Row Number"]}`,
          source: "medcalc",
          revision: "1",
          split: "test",
        },
        ...{
          stem: `${row["Patient Note"]}\n${row.Question}`,
          options: [],
          gold: { text: String(row["Ground Truth Answer"]), aliases: [] },
        },
        ...{ images: [], group: { case: row["Note ID"] }, tags: { language: "en" }, licence: "CC-BY-SA-4.0" },
      };
      const text = `<think>\n${thinking}\n</think>\n\n${explanation}\n\n\\boxed{${said}}`;
      return [
        {
          question,
          trace: traceOf(question, text, `${file}/${index}`),
          right: result === "Correct",
          file,
          case: row["Row Number"],
        },
      ];
    }),
  );
}
