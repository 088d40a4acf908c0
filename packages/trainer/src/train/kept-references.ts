import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@mede2/schemas";
import type { Example } from "../examples/example.ts";
import type { ModelState } from "../program/model-state.ts";
import { sha256OfFile } from "./sha256-of-file.ts";

/** log π_ref of both sides of each two. */
export type TwoScores = readonly (readonly [own: number, other: number])[];

type Kept = { readonly record: "reference-log-probs"; readonly v: 1; readonly scores: TwoScores };

/**
 * Log-probabilities of a reference in the workspace, under a name made of all that they depend on: a training with the same reference and the same data does not compute them
 * again. A file that is not whole is computed anew.
 */
export async function keptScores(
  workspace: string,
  key: string,
  count: number,
  compute: () => Promise<TwoScores>,
): Promise<{ readonly scores: TwoScores; readonly known: boolean }> {
  const folder = join(workspace, ".mede2", "references");
  const file = join(folder, `${key}.json`);
  const known = await readScores(file, count);
  if (known !== undefined) return { scores: known, known: true };
  const scores = await compute();
  const kept: Kept = { record: "reference-log-probs", v: 1, scores };
  await mkdir(folder, { recursive: true });
  await writeFileAtomic(file, `${JSON.stringify(kept)}\n`);
  return { scores, known: false };
}

async function readScores(file: string, count: number): Promise<TwoScores | undefined> {
  try {
    const { record, v, scores } = JSON.parse(await readFile(file, "utf8")) as Partial<Kept>;
    const whole =
      record === "reference-log-probs" &&
      v === 1 &&
      Array.isArray(scores) &&
      scores.length === count &&
      scores.every((two) => Array.isArray(two) && two.length === 2 && two.every(Number.isFinite));
    return whole ? (scores as TwoScores) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What the scores of these twos depend on, as one sha256: the reference, tokens, what is scored of them, pictures, and what decides how sums are rounded (`computed`: device,
 * threads, rows of a batch).
 */
export function scoresKey(
  reference: string,
  twos: readonly (readonly [Example, Example])[],
  computed: readonly (string | number)[],
): string {
  const hash = createHash("sha256").update(JSON.stringify(["reference-log-probs 1", reference, ...computed]));
  for (const { tokens, supervised, images } of twos.flat()) {
    hash.update(JSON.stringify([tokens.length, images.map(({ ref, grid }) => [ref.sha256, ...grid])]));
    hash.update(tokens).update(supervised);
  }
  return hash.digest("hex");
}

/** sha256 of a model in memory: its configuration and every weight by its name, adapters left out. */
export function modelHash({ config, shapes, parameters, nf4 }: ModelState): string {
  const hash = createHash("sha256").update(JSON.stringify(config));
  for (const key of shapes.keys()) {
    hash.update(key);
    const four = nf4?.get(key);
    if (four === undefined) hash.update(parameters.get(key)!);
    else
      hash.update(four.codes).update(four.scales.codes).update(four.scales.scales).update(String(four.mean));
  }
  return hash.digest("hex");
}

/** sha256 of what a model folder computes with: its weights, and its files that say how. */
export async function folderHash(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const names = (await readdir(folder)).filter((name) => /\.(safetensors|json)$/.test(name)).sort();
  for (const name of names) hash.update(`${name} ${await sha256OfFile(join(folder, name))}\n`);
  return hash.digest("hex");
}
