import type {
  Candidates,
  ControlRequest,
  Demonstration,
  EvaluationRecord,
  Heartbeat,
  Passage,
  Plan,
  PreferencePair,
  Question,
  RatedAnswer,
  Rating,
  RecordName,
  RunEvent,
  RunManifest,
  Trace,
  TrainingPlan,
  Verdict,
} from "../src/index.ts";
import { planHash, sha256Hex, spanOf, withId } from "../src/index.ts";

const hash = sha256Hex("example");
const ts = "2026-01-31T12:00:00.000Z";

export const question: Question = {
  record: "question",
  v: 1,
  id: "ward:17",
  source: "ward",
  revision: "1",
  split: "train",
  stem: "A man of 60 has fever, a cough and a CRP of 180 mg/L. What is the treatment?",
  options: ["Amoxicillin", "Furosemide", "Rest"],
  gold: { labels: ["A"] },
  images: [{ sha256: hash, mime: "image/png", width: 112, height: 112, role: "film" }],
  findings: "a white patch in the right lower zone",
  facts: { crp: 180 },
  group: { case: "17", image: hash },
  tags: { modality: "chest film", language: "en" },
  licence: "Apache-2.0",
};

const text = "<think>\nThere is a white patch. CRP is 180 mg/L.\n</think>\n\nThe answer is \\boxed{A}";

export const trace: Trace = withId({
  record: "trace" as const,
  v: 1 as const,
  questionId: question.id,
  by: { kind: "model" as const, name: "tiny", checkpoint: "checkpoints/step-100" },
  stage: "stage1" as const,
  images: "real" as const,
  imageHashes: [hash],
  promptHash: hash,
  sample: { index: 0, seed: 1, temperature: 1, topP: 1, maxTokens: 256 },
  text,
  reasoning: spanOf({ text }, "text", 8, 49),
  steps: [spanOf({ text }, "text", 8, 31), spanOf({ text }, "text", 32, 49)],
  answer: {
    status: "found" as const,
    labels: ["A"],
    rule: "boxed",
    span: spanOf({ text }, "text", text.length - 9, text.length),
  },
  finish: "stop" as const,
  tokens: { prompt: 90, completion: 31 },
  logProb: -12.5,
});

const rejected: Trace = withId({
  ...trace,
  text: "I cannot say.",
  reasoning: null,
  steps: [],
  answer: { status: "unparsed", rule: "boxed", span: null },
});

export const rating: Rating = {
  record: "rating",
  v: 1,
  traceId: trace.id,
  scorer: { name: "mmrp", version: "1", rubric: "default", mode: "programmatic", judges: [] },
  gates: { "answer-correct": "passed", format: "not-applicable" },
  criteria: {
    reflection: { status: "scored", value: 0.5, anchor: 1, spans: [spanOf(trace, "text", 8, 31)] },
    "image-involvement": { status: "unscored", reason: "no-model" },
  },
  total: 0.5,
};

export const plan: TrainingPlan = {
  record: "plan",
  v: 1,
  kind: "preference",
  recipe: "ward-stage2",
  model: "models/tiny",
  data: [{ path: "stage2.pairs.jsonl", sha256: hash, split: "train" }],
  loss: { name: "dpo", beta: 0.1, nllWeight: 1 },
  optimiser: { name: "adamw", betas: [0.9, 0.999], epsilon: 1e-8, weightDecay: 0, clipNorm: 1 },
  schedule: { name: "cosine", learningRate: 1e-4, warmupRatio: 0.03, epochs: 1 },
  batch: { size: 8, accumulation: 1, maxTokens: 512, checkpointEvery: 50 },
  lora: { rank: 16, alpha: 32, targets: ["q_proj", "v_proj"], dropout: 0 },
  freeze: ["visual."],
  seed: 1,
  threads: 2,
  device: "cpu",
  engine: "embedded",
  templateHash: hash,
  pixels: { min: 3136, max: 12544 },
  decoding: { temperature: 1, topP: 1, maxTokens: 256, samples: 8 },
};

const taskPlan: Plan = {
  record: "plan",
  v: 1,
  kind: "curate",
  recipe: "custom",
  data: [],
  seed: 1,
  threads: 2,
  settings: { count: 1500 },
};

const event = { record: "run-event" as const, v: 1 as const, ts };

const events: RunEvent[] = [
  { ...event, seq: 0, type: "run-started", attempt: 1, pid: 42, bootId: "b", host: "h" },
  { ...event, seq: 1, type: "progress", done: 1, total: 10, unit: "questions" },
  {
    ...event,
    seq: 2,
    type: "step-end",
    step: 1,
    epoch: 0.1,
    loss: 0.69,
    learningRate: 1e-4,
    gradientNorm: 2,
    tokens: 900,
    supervisedTokens: 300,
    seconds: 0.5,
    memoryBytes: 1e9,
    rewards: { chosen: 0, rejected: 0, accuracy: 0.5 },
    logProbs: { chosen: -10, rejected: -11 },
    kl: 0,
    nonFinite: ["rewards.margin"],
  },
  { ...event, seq: 3, type: "evaluation-end", step: 1, task: "ward", metrics: { accuracy: 0.5 } },
  {
    ...event,
    seq: 4,
    type: "trace-written",
    file: "traces/1.trace.jsonl",
    offset: 0,
    length: 100,
    id: trace.id,
    step: 1,
  },
  {
    ...event,
    seq: 5,
    type: "checkpoint-saved",
    step: 1,
    path: "checkpoints/step-1",
    bytes: 100,
    sha256: hash,
  },
  {
    ...event,
    seq: 6,
    type: "control-acknowledged",
    id: "c",
    request: "pause",
    outcome: "refused",
    reason: "at the last step",
  },
  {
    ...event,
    seq: 7,
    type: "invariant-broken",
    name: "first-loss",
    expected: Math.LN2,
    actual: 0.936,
    cause: "the reference is the base",
  },
  { ...event, seq: 8, type: "warning", code: "slow", message: "slow disk" },
  { ...event, seq: 9, type: "run-paused" },
  { ...event, seq: 10, type: "run-resumed" },
  { ...event, seq: 11, type: "run-stopped" },
  {
    ...event,
    seq: 12,
    type: "run-failed",
    code: "disk-full",
    message: "no space is left",
    next: "free 1 GB and resume",
  },
  { ...event, seq: 13, type: "run-finished", summary: { steps: 1 } },
];

const demonstration: Demonstration = withId({
  record: "demonstration" as const,
  v: 1 as const,
  question,
  trace,
  orchestration: { name: "paper", version: "1" },
  checks: [{ name: "self-check", passed: true }],
});

const passage: Passage = withId({
  record: "passage" as const,
  v: 1 as const,
  source: "ward",
  split: "train",
  text: "A white patch is consolidation.",
  images: question.images,
  licence: "Apache-2.0",
});

const candidates: Candidates = {
  record: "candidates",
  v: 1,
  question,
  traces: [trace, rejected],
  ratings: [rating],
};

export const pair: PreferencePair = withId({
  record: "preference-pair" as const,
  v: 1 as const,
  question,
  chosen: trace,
  rejected,
  ratings: { chosen: rating, rejected: { ...rating, traceId: rejected.id, total: null } },
  negativeKind: "sampled",
  margin: 0.5,
  weight: 1,
  provenance: { plan: "p", scorer: "mmrp@1", seed: 1, parents: [] },
  licence: "Apache-2.0",
  split: "train",
});

const ratedAnswer: RatedAnswer = withId({
  record: "rated-answer" as const,
  v: 1 as const,
  question,
  trace,
  rating,
  desirable: true,
  weight: 1,
  provenance: { plan: "p", scorer: "mmrp@1", parents: [trace.id] },
  licence: "Apache-2.0",
  split: "train",
});

const verdict: Verdict = {
  record: "verdict",
  v: 1,
  pairId: pair.id,
  reviewer: "anna",
  choice: "first",
  order: "rejected-first",
  blind: true,
  criteria: { reflection: "tie" },
  spans: [spanOf(trace, "text", 8, 31)],
  comment: "right, and for the right reason",
  seconds: 41,
  ts,
};

const evaluationRecord: EvaluationRecord = {
  record: "evaluation-record",
  v: 1,
  questionId: question.id,
  task: "ward",
  protocol: "reasoning",
  model: { name: "tiny", checkpoint: "checkpoints/step-100" },
  stage: "stage2",
  images: "swapped",
  sample: 0,
  traceId: trace.id,
  answer: trace.answer,
  outcome: { correct: true },
  byRule: { boxed: trace.answer },
  group: question.group,
  tags: question.tags,
};

const runManifest: RunManifest = {
  record: "run-manifest",
  v: 1,
  id: "20260131T120000000-abcdef",
  kind: "preference",
  plan,
  planHash: planHash(plan),
  code: { version: "0.1.0", commit: "abc", dirty: false },
  data: [{ path: "stage2.pairs.jsonl", sha256: hash, count: 1500 }],
  device: "cpu",
  host: "h",
  argv: ["mede2", "train"],
  createdAt: ts,
  parents: [],
  imageStore: ".mede2/images",
};

const controlRequest: ControlRequest = {
  record: "control-request",
  v: 1,
  id: "c",
  by: "anna",
  ts,
  request: "learning-rate",
  args: { learningRate: 1e-5 },
};

const heartbeat: Heartbeat = {
  record: "heartbeat",
  v: 1,
  ts,
  attempt: 1,
  pid: 42,
  bootId: "b",
  host: "h",
  intervalSeconds: 5,
};

/** At least one valid record of every name, with every optional field somewhere. */
export const examples: Record<RecordName, object[]> = {
  question: [
    question,
    { ...question, options: [], gold: { text: "pneumonia", aliases: [] } },
    { ...question, options: [], gold: { value: 6.5, unit: "mmol/L", tolerance: 0.05 } },
  ],
  trace: [trace, rejected],
  demonstration: [demonstration],
  passage: [passage],
  rating: [rating],
  candidates: [candidates],
  "preference-pair": [pair],
  "rated-answer": [ratedAnswer, { ...ratedAnswer, desirable: false, weight: 0.5 }],
  verdict: [verdict],
  "evaluation-record": [
    evaluationRecord,
    { ...evaluationRecord, outcome: { score: 0.5 } },
    { ...evaluationRecord, outcome: { excluded: "error" } },
  ],
  plan: [plan, taskPlan],
  "run-manifest": [runManifest],
  "run-event": events,
  "control-request": [controlRequest],
  heartbeat: [heartbeat],
};
