import { promptStyles } from "@mede2/llm";
import { type Protocol, styleProtocol } from "./protocol.ts";

const greedy = { temperature: 0, topP: 1 } as const;

/**
 * Protocols by name. The first are the styles that our recipes train with. The others put questions, and grade replies, as other harnesses do: what each verdict is
 * was checked against their own code (`@mede2/answers`, `peerVerdicts`).
 */
export const protocols = {
  reason: styleProtocol(promptStyles.reason),
  direct: styleProtocol(promptStyles.direct),
  "reason-labels": styleProtocol(promptStyles["reason-labels"], { maxTokens: 2048 }),
  "direct-labels": styleProtocol(promptStyles["direct-labels"], { maxTokens: 64 }),
  medxpertqa: {
    name: "medxpertqa",
    version: "1",
    about: "official MedXpertQA, zero-shot chain of thought in two turns",
    prompt: {
      system: "You are a helpful medical assistant.",
      turns: [
        "Q: {question}{options}\nA: Let's think step by step.",
        "Therefore, among {first} through {last}, the answer is",
      ],
      option: { form: "({label}) {text}", between: " " },
    },
    reading: "medxpertqa",
    sampling: { ...greedy, maxTokens: 2048 },
    provenance: [
      { part: "prompt", source: "TsinghuaC3I/MedXpertQA eval/config/prompt_templates.py" },
      { part: "reading", source: "TsinghuaC3I/MedXpertQA eval/utils.py answer_cleansing (zero_shot)" },
      {
        part: "sampling",
        source: "TsinghuaC3I/MedXpertQA eval/main.py",
        differs: "8192 tokens there for models that reason",
      },
    ],
  },
  "mmmu-pro": {
    name: "mmmu-pro",
    version: "1",
    about: "official MMMU-Pro, standard format, chain of thought",
    prompt: {
      turns: [
        "{question}\n{options}\n\nAnswer the preceding multiple choice question. The last line of your response should be of the following format: 'Answer: $LETTER' (without quotes) where LETTER is one of options. Think step by step before answering.",
      ],
      option: { form: "{label}. {text}", between: "\n" },
    },
    reading: "mmmu-pro",
    sampling: { ...greedy, maxTokens: 4096 },
    provenance: [
      { part: "prompt", source: "MMMU-Benchmark/MMMU mmmu-pro/prompts.yaml cot.standard" },
      {
        part: "reading",
        source: "MMMU-Benchmark/MMMU@56eede8 mmmu-pro/evaluate.py parse_multi_choice_response",
        differs: "where it draws an option at random we mark a guess",
      },
    ],
  },
  "mmmu-pro-direct": {
    name: "mmmu-pro-direct",
    version: "1",
    about: "official MMMU-Pro, standard format, answer alone",
    prompt: {
      turns: ["{question}\n{options}\n\nAnswer with the option letter from the given choices directly."],
      option: { form: "{label}. {text}", between: "\n" },
    },
    reading: "mmmu-pro",
    sampling: { ...greedy, maxTokens: 64 },
    provenance: [
      { part: "prompt", source: "MMMU-Benchmark/MMMU mmmu-pro/prompts.yaml direct.standard" },
      {
        part: "reading",
        source: "MMMU-Benchmark/MMMU@56eede8 mmmu-pro/evaluate.py parse_multi_choice_response",
        differs: "where it draws an option at random we mark a guess",
      },
    ],
  },
  medevalkit: {
    name: "medevalkit",
    version: "1",
    about: "MedEvalKit without its judge: letter, or the option nearest by difflib",
    prompt: {
      turns: [
        "\nQuestion: {question}\nOptions: \n{options}\nAnswer with the option's letter from the given choices directly.",
      ],
      option: { form: "{label}. {text}", between: "\n" },
      yesNo: ["{question}\nPlease output 'yes' or 'no'(no extra output)."],
      open: ["{question}\nPlease answer the question concisely."],
    },
    reading: "medevalkit",
    sampling: { ...greedy, maxTokens: 8192 },
    provenance: [
      {
        part: "prompt",
        source:
          "alibaba-damo-academy/MedEvalKit utils/question_formats.py get_multiple_choice_prompt, not reasoning",
        differs: "the wording for yes/no and open questions is ours",
      },
      {
        part: "reading",
        source: "alibaba-damo-academy/MedEvalKit utils/utils.py judge_multi_choice, judge_judgement, em",
        differs: "an option taken for being nearest is marked as a guess",
      },
    ],
  },
  medvlthinker: {
    name: "medvlthinker",
    version: "1",
    about: "MedVLThinker: think tags, then the letter in answer tags",
    prompt: {
      turns: [
        "You will solve a problem/request. You should provide your thoughts within <think> </think> tags before providing the answer.\nWrite your final answer within <answer> </answer> tags. Here is the question:\n\n\n\nQuestion: {question}\n\nOptions:{options}",
      ],
      option: { form: "\n\n{label}. {text}", between: "" },
    },
    reading: "medvlthinker",
    sampling: { ...greedy, maxTokens: 4096 },
    provenance: [
      { part: "prompt", source: "UCSC-VLAA/MedVLThinker, instruction prompt and build_messages" },
      { part: "reading", source: "UCSC-VLAA/MedVLThinker extract_answer and grade_answer" },
    ],
  },
  inspect: {
    name: "inspect",
    version: "1",
    about: "Inspect's multiple_choice with chain of thought: the last line ANSWER: and a letter",
    prompt: {
      turns: [
        "Answer the following multiple choice question. The last line of your response should be of the following format: 'ANSWER: $LETTER' (without quotes) where LETTER is one of {letters}. Think step by step before answering.\n\n{question}\n\n{options}",
      ],
      option: { form: "{label}) {text}", between: "\n" },
    },
    reading: "inspect",
    sampling: { ...greedy, maxTokens: 2048 },
    provenance: [
      { part: "prompt", source: "inspect_ai 0.3.285 solver/_multiple_choice.py SINGLE_ANSWER_TEMPLATE_COT" },
      { part: "reading", source: "inspect_ai 0.3.285 solver/_multiple_choice.py parse_answers" },
    ],
  },
  vlmevalkit: {
    name: "vlmevalkit",
    version: "1",
    about: "VLMEvalKit-like, exact matching without its judge",
    prompt: {
      turns: [
        "Question: {question}\nOptions:\n{options}\nPlease select the correct answer from the options above. \n",
      ],
      option: { form: "{label}. {text}", between: "\n" },
    },
    reading: "vlmevalkit",
    sampling: { ...greedy, maxTokens: 2048 },
    provenance: [
      { part: "prompt", source: "open-compass/VLMEvalKit vlmeval/dataset/image_mcq.py build_prompt" },
      {
        part: "reading",
        source: "open-compass/VLMEvalKit vlmeval/utils/matching_util.py can_infer",
        differs: "no judge; where it draws among the options and Z we mark a guess",
      },
    ],
  },
} as const satisfies Record<string, Protocol>;

export type ProtocolName = keyof typeof protocols;

export const protocolNames = Object.keys(protocols) as ProtocolName[];
