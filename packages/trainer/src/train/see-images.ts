import type { RunWriter } from "@mede2/runs";
import type { ExampleImage } from "../examples/example.ts";
import type { ImagePath } from "../program/assemble.ts";
import type { TrainingData } from "./training-data.ts";

/** Images between two signs of life. */
const chunk = 64;

/**
 * Has a frozen tower see every image of the data before the first step, in the order of the data: faulty images end the run at once, and what is computed
 * together does not depend on the step at which a run was resumed.
 */
export async function seeAllImages(writer: RunWriter, images: ImagePath, data: TrainingData): Promise<void> {
  if (images.kind !== "kept") return;
  const examples = [
    ...data.train,
    ...data.pairs.map(({ chosen }) => chosen),
    ...[...data.answers, ...data.evaluationAnswers].map(({ example }) => example),
    ...data.evaluation,
    ...data.evaluationPairs.map(({ chosen }) => chosen),
  ];
  const all = new Map<string, ExampleImage>(
    examples.flatMap((example) => example.images.map((image) => [image.ref.sha256, image])),
  );
  const distinct = [...all.values()];
  for (let start = 0; start < distinct.length; start += chunk) {
    await images.features.of(distinct.slice(start, start + chunk));
    const done = Math.min(distinct.length, start + chunk);
    writer.append({ type: "progress", done, total: distinct.length, unit: "images" });
  }
}
