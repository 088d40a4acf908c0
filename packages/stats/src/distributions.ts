/** Distribution functions, to about 14 digits; SciPy is the reference in the tests. */
import { require } from "./stats-error.ts";

/** ln Γ(x), x > 0: Lanczos approximation with g = 607/128 and 15 terms (Numerical Recipes 3rd ed., §6.1). */
export function logGamma(x: number): number {
  let sum = 0.9999999999999971;
  for (const [index, coefficient] of lanczos.entries()) sum += coefficient / (x + 1 + index);
  const shifted = x + 5.2421875;
  return (x + 0.5) * Math.log(shifted) - shifted + Math.log((2.5066282746310007 * sum) / x);
}

const lanczos = [
  57.15623566586292, -59.59796035547549, 14.136097974741746, -0.4919138160976202, 3.399464998481189e-5,
  4.652362892704858e-5, -9.837447530487956e-5, 0.0001580887032249125, -0.00021026444172410488,
  0.00021743961811521265, -0.0001643181065367639, 8.441822398385275e-5, -2.6190838401581408e-5,
  3.6899182659531625e-6,
];

/** Regularised incomplete beta I_x(a, b): continued fraction by Lentz's method (Numerical Recipes §6.4). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const safe = (value: number) => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m < 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return result;
}

/** Inverse of `incompleteBeta` in x, by bisection to the last bit. */
export function betaQuantile(probability: number, a: number, b: number): number {
  return bisect((x) => incompleteBeta(x, a, b), probability, 0, 1);
}

/** P(X ≤ k) for X binomial(n, p). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(1 - p, n - k, k + 1);
}

/** P(X = k) for X binomial(n, p), 0 < p < 1. */
export function binomialPmf(k: number, n: number, p: number): number {
  return Math.exp(
    logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p),
  );
}

/** Φ(z), the standard normal distribution function. */
export function normalCdf(z: number): number {
  const upper = 0.5 * erfc(Math.abs(z) / Math.SQRT2);
  return z > 0 ? 1 - upper : upper;
}

/** erfc(x), x ≥ 0: Taylor series below 2.5, else the continued fraction of Abramowitz & Stegun 7.1.14. */
function erfc(x: number): number {
  if (x < 2.5) {
    let term = x;
    let sum = x;
    for (let n = 1; Math.abs(term) > 1e-18 * sum && n < 200; n++) {
      term *= (2 * x * x) / (2 * n + 1);
      sum += term;
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  }
  let fraction = 0;
  for (let n = 120; n > 0; n--) fraction = n / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

/** Φ⁻¹(p), 0 < p < 1. */
export function normalQuantile(p: number): number {
  require(p > 0 && p < 1, `the normal quantile needs a probability between 0 and 1, not ${p}`);
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  // Abramowitz & Stegun 26.2.23, error below 4.5e-4; Halley's method then triples the digits at each step.
  let z = -(
    t -
    (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t ** 3)
  );
  for (let step = 0; step < 3; step++) {
    const error = (normalCdf(z) - p) * Math.sqrt(2 * Math.PI) * Math.exp((z * z) / 2);
    z -= error / (1 + (z * error) / 2);
  }
  return z;
}

/** Quantile of Student's t with `df` degrees of freedom. */
export function studentQuantile(p: number, df: number): number {
  require(p > 0 && p < 1 && df > 0, `Student's quantile needs 0 < p < 1 and df > 0, not ${p} and ${df}`);
  if (p === 0.5) return 0;
  const lower = Math.min(p, 1 - p);
  const x = betaQuantile(2 * lower, df / 2, 0.5); // x = df / (df + t²), Abramowitz & Stegun 26.7.1
  const t = Math.sqrt((df * (1 - x)) / x);
  return p < 0.5 ? -t : t;
}

function bisect(increasing: (x: number) => number, target: number, low: number, high: number): number {
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (increasing(middle) < target) low = middle;
    else high = middle;
  }
}
