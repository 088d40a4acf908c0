import type { Sampling } from "@mede2/llm";

/** A token drawn, and its log-probability under the model (before temperature and nucleus). */
export type Drawn = { readonly token: number; readonly logProb: number };

/**
 * Draws the next token from the logits of one row. Temperature 0 takes the most likely (the lowest id of equals); else the distribution is sharpened by the
 * temperature and cut to the smallest nucleus of mass `topP` (arXiv 1904.09751).
 */
export function drawToken(
  logits: Float32Array,
  sampling: Pick<Sampling, "temperature" | "topP">,
  random: () => number,
): Drawn {
  let best = 0;
  for (let token = 1; token < logits.length; token++) if (logits[token]! > logits[best]!) best = token;
  const highest = logits[best]!;
  let total = 0;
  for (const value of logits) total += Math.exp(value - highest);
  const token = sampling.temperature === 0 ? best : drawFrom(logits, highest, sampling, random);
  return { token, logProb: logits[token]! - highest - Math.log(total) };
}

function drawFrom(
  logits: Float32Array,
  highest: number,
  { temperature, topP }: Pick<Sampling, "temperature" | "topP">,
  random: () => number,
): number {
  const shares = Float64Array.from(logits, (value) => Math.exp((value - highest) / temperature));
  let mass = shares.reduce((sum, share) => sum + share, 0);
  let order: readonly number[] | undefined;
  if (topP < 1) {
    const sorted = [...shares.keys()]
      .filter((token) => shares[token]! > mass * 1e-9)
      .sort((a, b) => shares[b]! - shares[a]! || a - b);
    let kept = 0;
    let sum = 0;
    while (kept < sorted.length && sum < topP * mass) sum += shares[sorted[kept++]!]!;
    order = sorted.slice(0, kept);
    mass = sum;
  }
  let left = random() * mass;
  const tokens = order ?? shares.keys();
  let last = 0;
  for (const token of tokens) {
    if (shares[token] === 0) continue;
    last = token;
    left -= shares[token]!;
    if (left < 0) break;
  }
  return last;
}
