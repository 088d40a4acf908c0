// B rows · V vocabulary
import type { Sampling } from "@mede2/llm";
import type { HostTensor } from "../device/device.ts";
import { type Drawn, drawToken } from "./sampling.ts";

/** Draws the next token of a row of a step that was run. */
export type Choices = (
  row: number,
  sampling: Pick<Sampling, "temperature" | "topP">,
  random: () => number,
) => Drawn;

/** What a graph says of the next tokens (`choices` of inference-graphs.ts): the best of each row, or the logits of all tokens. */
export function choicesOf(result: Readonly<Record<string, HostTensor>>, vocabulary: number): Choices {
  const { best, bestLogProb, logits } = result;
  if (best !== undefined && bestLogProb !== undefined)
    return (row) => ({ token: Number(best.data[row]), logProb: Number(bestLogProb.data[row]) });
  const data = logits!.data as Float32Array;
  return (row, sampling, random) =>
    drawToken(data.subarray(row * vocabulary, (row + 1) * vocabulary), sampling, random);
}
