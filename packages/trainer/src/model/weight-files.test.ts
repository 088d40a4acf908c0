import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openModelFolder, writeModelFolder } from "@mede2/nn";
import { expect, it } from "vitest";
import { goldenExamples, goldenModel, goldenTensors } from "../../test/golden-model.ts";
import { openCpuDevice } from "../device/cpu.ts";
import { createGenerator } from "../generate/generator.ts";
import { featureCache } from "../program/image-features.ts";
import { withWeightFiles } from "./weight-files.ts";

it("a model whose constants are mapped from its files says what one says that is copied", async () => {
  const work = await mkdtemp(join(tmpdir(), "mede2-weight-files-"));
  try {
    const model = goldenModel("checkpoint-untied");
    const tensors = [...model.shapes].map(([name, shape]) => ({
      ...{ name, shape, dtype: "F32" as const },
      data: model.parameters.get(name)!,
    }));
    const path = join(work, "model");
    await writeModelFolder(path, { config: { ...model.config, dtype: "float32" }, tensors, files: {} });
    const mapped = withWeightFiles(model, await openModelFolder(path));
    expect(mapped.files?.places.size).toBe(model.shapes.size);
    const device = await openCpuDevice(1);
    const golden = goldenTensors("generation.safetensors");
    const said = [];
    for (const each of [model, mapped]) {
      const { examples, reader } = goldenExamples(golden, "image.", 1, each, () => false);
      const features = featureCache(device, each, reader);
      const settings = {
        batch: 1,
        pad: 0,
        stop: new Set<number>(),
        images: { kind: "kept", features } as const,
      };
      const generator = createGenerator(device, each, settings);
      const sampling = { temperature: 0, topP: 1, maxTokens: 12 };
      said.push(await generator.generate(examples.map((prompt) => ({ prompt, sampling, sample: 0 }))));
      await generator.release();
      await features.release();
    }
    expect(said[1]![0]!.tokens).toEqual(said[0]![0]!.tokens);
    expect(said[1]![0]!.logProb).toBeCloseTo(said[0]![0]!.logProb, 4);
  } finally {
    await rm(work, { recursive: true });
  }
});
