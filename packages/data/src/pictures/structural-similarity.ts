import { THUMBNAIL } from "./fingerprint.ts";

const WINDOW = 8;
const STEP = 4;
const C1 = (0.01 * 255) ** 2;
const C2 = (0.03 * 255) ** 2;

/**
 * Mean structural similarity of two thumbnails, −1 to 1 (Wang et al., IEEE Trans. Image Process. 13:600–612, 2004, eq. 13 with its constants). Differs from
 * the paper in plain windows of 8 × 8 at every fourth pixel instead of a Gaussian window at each.
 */
export function structuralSimilarity(a: Uint8Array, b: Uint8Array): number {
  let total = 0;
  let windows = 0;
  for (let top = 0; top + WINDOW <= THUMBNAIL; top += STEP)
    for (let left = 0; left + WINDOW <= THUMBNAIL; left += STEP) {
      total += windowSimilarity(a, b, top, left);
      windows += 1;
    }
  return total / windows;
}

function windowSimilarity(a: Uint8Array, b: Uint8Array, top: number, left: number): number {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let y = top; y < top + WINDOW; y++)
    for (let x = left; x < left + WINDOW; x++) {
      const [p, q] = [a[y * THUMBNAIL + x]!, b[y * THUMBNAIL + x]!];
      sumA += p;
      sumB += q;
      squaresA += p * p;
      squaresB += q * q;
      products += p * q;
    }
  const n = WINDOW * WINDOW;
  const [meanA, meanB] = [sumA / n, sumB / n];
  const varianceA = (squaresA - n * meanA * meanA) / (n - 1);
  const varianceB = (squaresB - n * meanB * meanB) / (n - 1);
  const covariance = (products - n * meanA * meanB) / (n - 1);
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA ** 2 + meanB ** 2 + C1) * (varianceA + varianceB + C2))
  );
}
