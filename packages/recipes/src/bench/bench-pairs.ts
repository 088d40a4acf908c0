import { renderWardImage, wardCases, wardChain, wardImageOf, wardQuestion } from "@mede2/data";
import { encodePng, type ImageStore, openImageStore } from "@mede2/images";
import { promptStyles, questionPrompt } from "@mede2/llm";
import type { Processor } from "@mede2/nn";

/** A pair as both sides read it: texts as the chat template renders them, and a picture. */
export type BenchPair = {
  /** Up to the opening of the assistant's turn, the picture as the placeholder of the processor. */
  readonly prompt: string;
  /** Answers with the end of the turn. */
  readonly chosen: string;
  readonly rejected: string;
  /** A PNG in base64. */
  readonly image: string;
};

/** Cases of the ward with their pictures: the reference chain is chosen, that of another case rejected. `folder` is for the pictures. */
export async function wardPairs(
  processor: Processor,
  count: number,
  seed: number,
  folder: string,
): Promise<BenchPair[]> {
  const store: ImageStore = openImageStore(folder);
  const cases = wardCases({ split: "stage2", count, seed });
  const end = processor.tokenizer.tokenOf(processor.tokenizer.eosId);
  const pairs: BenchPair[] = [];
  for (const [n, each] of cases.entries()) {
    const png = await encodePng(renderWardImage(wardImageOf(each)));
    const question = wardQuestion(each, { form: "image", imageRef: await store.put(png) });
    const messages = questionPrompt(question, promptStyles.reason).map(({ role, content }) => ({
      role,
      content: content.map((part) => (part.type === "text" ? part : { type: "image" as const })),
    }));
    const other = cases[(n + 1) % cases.length]!;
    pairs.push({
      prompt: processor.template.render(messages, { addGenerationPrompt: true }),
      chosen: `${wardChain(each, { seed })}${end}`,
      rejected: `${wardChain(other, { seed })}${end}`,
      image: Buffer.from(png).toString("base64"),
    });
  }
  return pairs;
}
