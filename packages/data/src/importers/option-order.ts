import { createHash } from "node:crypto";
import { optionLabel } from "@mede2/schemas";

/**
 * Options in an order drawn from the question's id, with the labels of the right ones, so that no position gives an
 * answer away. The same id always gives the same order (Fisher–Yates on the bytes of its sha256; at most 20 options).
 */
export function orderOptions(
  id: string,
  options: readonly string[],
  right: readonly number[],
): { options: string[]; labels: string[] } {
  const bytes = createHash("sha256").update(id, "utf8").digest();
  const order = options.map((_, i) => i);
  for (let i = order.length - 1; i > 0; i--) {
    const j = bytes[i]! % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return {
    options: order.map((i) => options[i]!),
    labels: order.flatMap((i, position) => (right.includes(i) ? [optionLabel(position)] : [])),
  };
}
