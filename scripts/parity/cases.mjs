// What our code computes with a model folder, as the cases that python/live_parity.py compares.
import { join } from "node:path";
import { images as imagePackage, llm, nn, safetensors, trainer } from "./packages.mjs";

const { chatMessage } = llm;
const NEW_TOKENS = 12;

/** Conversations on up to three images, or on none: the last message is the assistant's. */
function conversations(refs) {
  const [a, b, c] = refs;
  const say = (prompt, of, answer) => [
    chatMessage("user", prompt, refs.length === 0 ? [] : of),
    chatMessage("assistant", answer),
  ];
  return [
    say("Which finding is there?", [a], "<think>\nA dense area.\n</think>\n\n\\boxed{B}"),
    [chatMessage("system", "You read films."), ...say("A fever of 39.1 °C. What now?", [], "An antibiotic.")],
    say("Compare the two.", [b, c], "The first is darker; it's C."),
  ];
}

/** Rows of tokens as one tensor, padded on one side, with its mask. */
function padded(rows, pad, side) {
  const width = Math.max(...rows.map((row) => row.length));
  const ids = new Int32Array(rows.length * width).fill(pad);
  const mask = new Int32Array(rows.length * width);
  rows.forEach((row, b) => {
    const start = b * width + (side === "left" ? width - row.length : 0);
    ids.set(row, start);
    mask.fill(1, start, start + row.length);
  });
  return { ids, mask, shape: [rows.length, width] };
}

const integers = (name, shape, data) => ({ name, dtype: "I32", shape, data });
const floats = (name, shape, data) => ({ name, dtype: "F32", shape, data });

/** Pictures as transformers takes them: patches and grids, or tiles [N,3,S,S] and how many each picture has. */
function imageTensors(processed, { vision }) {
  if (processed.length === 0) return [];
  const values = processed.flatMap((each) => [...each.pixelValues]);
  if ("merge" in vision) {
    const { imageSize: side } = vision;
    const size = 3 * side ** 2;
    const pixels = new Float32Array(values.length);
    const from = nn.tilePatches(
      Float32Array.from({ length: size }, (_, i) => i),
      vision,
    );
    values.forEach((x, at) => {
      pixels[at - (at % size) + from[at % size]] = x;
    });
    const tiles = Int32Array.from(processed, ({ grid: [count] }) => count);
    return [
      floats("pixel_values", [values.length / size, 3, side, side], pixels),
      integers("image_tiles", [tiles.length], tiles),
    ];
  }
  const patches = processed.reduce((sum, { grid: [t, h, w] }) => sum + t * h * w, 0);
  return [
    floats("pixel_values", [patches, values.length / patches], Float32Array.from(values)),
    integers(
      "image_grid_thw",
      [processed.length, 3],
      Int32Array.from(processed.flatMap((each) => each.grid)),
    ),
  ];
}

/**
 * Cases of one folder (and adapter): log-probabilities of three answers and greedy replies to their prompts. With `chat`, also what the processor makes of
 * each conversation. Writes tensors into `out`; paths in the cases are relative to it.
 */
export async function casesOf(out, name, { model, adapter, store, refs, path, chat = true }) {
  const device = await trainer.openCpuDevice(2);
  const { state, folder } = await trainer.loadModel(model, adapter);
  const processor = await folder.processor();
  const encoder = { config: state.config, processor };
  const features = trainer.featureCache(device, state, trainer.imageReader(store, processor));
  const kept = { kind: "kept", features };
  const pad = processor.tokenizer.padId;
  const talks = conversations(refs);
  const examples = talks.map((talk, index) => trainer.encodeMessages(encoder, `score-${index}`, talk));
  const prompts = talks.map((talk, index) =>
    trainer.encodeMessages(encoder, `prompt-${index}`, talk.slice(0, -1), true),
  );
  const processed = await Promise.all(
    examples
      .flatMap((each) => each.images)
      .map(async ({ ref }) => processor.processImage(await store.pixels(ref))),
  );

  const { config, shapes } = state;
  const scorer = trainer.createRowScorer(device, state, { config, shapes, batch: 4, pad, images: kept });
  const scores = await scorer.score(examples);
  await scorer.release();
  const scored = padded(
    examples.map((each) => each.tokens),
    pad,
    "right",
  );
  const supervised = padded(
    examples.map((each) => each.supervised),
    0,
    "right",
  );
  const tensors = { scores: `${name}-scores.safetensors`, greedy: `${name}-greedy.safetensors` };
  await safetensors.writeSafetensors(join(out, tensors.scores), [
    integers("input_ids", scored.shape, scored.ids),
    integers("attention_mask", scored.shape, scored.mask),
    integers("completion_mask", supervised.shape, supervised.ids),
    floats(
      "log_probs",
      [scores.length],
      Float32Array.from(scores, ({ logProb }) => logProb),
    ),
    ...imageTensors(processed, config),
  ]);

  const generator = trainer.createGenerator(device, state, { batch: 4, pad, stop: new Set(), images: kept });
  const sampling = { temperature: 0, topP: 1, maxTokens: NEW_TOKENS };
  const replies = await generator.generate(prompts.map((prompt) => ({ prompt, sampling, sample: 0 })));
  await generator.release();
  const asked = padded(
    prompts.map((each) => each.tokens),
    pad,
    "left",
  );
  await safetensors.writeSafetensors(join(out, tensors.greedy), [
    integers("input_ids", asked.shape, asked.ids),
    integers("attention_mask", asked.shape, asked.mask),
    integers(
      "new_tokens",
      [replies.length, NEW_TOKENS],
      Int32Array.from(replies.flatMap(({ tokens }) => tokens)),
    ),
    ...imageTensors(processed, config),
  ]);

  const place = { model: path(model), ...(adapter === undefined ? {} : { adapter: path(adapter) }) };
  return [
    { name: `${name}, log-probabilities`, ...place, tensors: tensors.scores },
    { name: `${name}, greedy`, ...place, tensors: tensors.greedy },
    ...(chat ? await chatCases(out, name, { place, processor, talks, store, path, config }) : []),
  ];
}

async function chatCases(out, name, { place, processor, talks, store, path, config }) {
  const cases = [];
  for (const [index, talk] of talks.entries()) {
    const refs = llm.imagesOf(talk);
    const decoded = await Promise.all(refs.map((ref) => store.pixels(ref)));
    const messages = talk.slice(0, -1).map(({ role, content }) => ({
      role,
      // templates of text models read strings
      content:
        "vision" in config
          ? content.map((part) => (part.type === "text" ? part : { type: "image", image: part.image.sha256 }))
          : content.map(({ text }) => text).join(""),
    }));
    const made = processor.process(messages, decoded, { addGenerationPrompt: true });
    const tensors = `${name}-chat-${index}.safetensors`;
    const processed = decoded.map((image) => processor.processImage(image));
    const inputIds = [...made.inputIds];
    await safetensors.writeSafetensors(join(out, tensors), [
      integers("input_ids", [1, inputIds.length], made.inputIds),
      integers("attention_mask", [1, inputIds.length], new Int32Array(inputIds.length).fill(1)),
      ...imageTensors(processed, config),
    ]);
    const files = Object.fromEntries(refs.map((ref) => [ref.sha256, path(store.path(ref))]));
    cases.push({
      name: `${name}, conversation ${index}`,
      model: place.model,
      tensors,
      chat: { messages, addGenerationPrompt: true, images: files, inputIds },
    });
  }
  return cases;
}

/** The pictures of the image-processor goldens in a store: odd sizes, up and down, gray. */
export async function storePictures(store, goldens) {
  const file = safetensors.readSafetensors(join(goldens, "qwen2-5-vl/image-processor.safetensors"));
  const names = [...file.entries.keys()].filter((key) => key.endsWith(".image")).sort();
  const refs = [];
  for (const name of names) {
    const { shape, data } = file.tensor(name);
    const [height, width, channels] = shape;
    refs.push(
      await store.put(await imagePackage.encodePng({ width, height, channels, data: Uint8Array.from(data) })),
    );
  }
  return refs;
}
