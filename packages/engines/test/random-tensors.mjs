/** Random weights for a model's keys: norms 1, biases 0, the rest roughly normal with a deviation of 0.04. */
export function randomTensors(keys, seed) {
  const random = generator(seed);
  return [...keys].map(([name, shape]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const isNorm = /norm|ln_q/.test(name) && name.endsWith(".weight");
    const data = Float32Array.from({ length: size }, () =>
      isNorm ? 1 : name.endsWith(".bias") ? 0 : 0.04 * random(),
    );
    return { name, dtype: "F32", shape, data };
  });
}

/** Roughly normal numbers: sums of four uniform ones (mulberry32). */
function generator(seed) {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => (uniform() + uniform() + uniform() + uniform() - 2) * Math.sqrt(3);
}
