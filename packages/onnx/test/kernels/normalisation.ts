import { fill, type Kernel, moved, need, normal, offset, type Value, value } from "./value.ts";

function along(x: Value, position: readonly number[], axis: number): number[] {
  return Array.from(
    { length: x.shape[axis]! },
    (_, index) => x.data[offset(x.shape, moved(position, axis, index))]!,
  );
}

function softmax(log: boolean): Kernel {
  return (inputs, { int }) => {
    const x = need(inputs, 0);
    const axis = normal(int("axis", -1), x.shape.length);
    return [
      fill(x.dtype, x.shape, (position) => {
        const row = along(x, position, axis);
        const top = Math.max(...row);
        const total = row.reduce((sum, v) => sum + Math.exp(v - top), 0);
        const own = row[position[axis]!]! - top;
        return log ? own - Math.log(total) : Math.exp(own) / total;
      }),
    ];
  };
}

/** Over all axes from `axis` on. Returns the result, then mean (where centred) and inverse deviation with ones in those axes. */
function norm(centred: boolean): Kernel {
  return (inputs, { int, float }) => {
    const [x, scale, bias] = [need(inputs, 0), need(inputs, 1), inputs[2]];
    const axis = normal(int("axis", -1), x.shape.length);
    const size = x.shape.slice(axis).reduce((product, dim) => product * dim, 1);
    const rows = x.data.length / size;
    const [means, inverses, out]: [number[], number[], number[]] = [[], [], []];
    for (let row = 0; row < rows; row++) {
      const elements = Array.from(x.data.subarray(row * size, (row + 1) * size));
      const mean = centred ? elements.reduce((sum, v) => sum + v, 0) / size : 0;
      const variance = elements.reduce((sum, v) => sum + (v - mean) ** 2, 0) / size;
      const inverse = 1 / Math.sqrt(variance + float("epsilon", 1e-5));
      means.push(mean);
      inverses.push(inverse);
      const factor = (at: number) => scale.data[at % scale.data.length]!;
      const shift = (at: number) => (bias === undefined ? 0 : bias.data[at % bias.data.length]!);
      out.push(...elements.map((v, at) => (v - mean) * inverse * factor(at) + shift(at)));
    }
    const shape = x.shape.map((dim, at) => (at < axis ? dim : 1));
    const statistics = [...(centred ? [means] : []), inverses].map((data) => value(x.dtype, shape, data));
    return [value(x.dtype, x.shape, out), ...statistics];
  };
}

/** com.microsoft.RotaryEmbedding, not interleaved: pairs (i, i + half) of the last axis are rotated, what is beyond is copied. */
const rotary: Kernel = (inputs, { int }) => {
  const [x, rows, cosines, sines] = [need(inputs, 0), need(inputs, 1), need(inputs, 2), need(inputs, 3)];
  if (int("interleaved", 0) !== 0 || x.shape.length !== 4) throw new RangeError("not the half-split form");
  const half = cosines.shape[1]!;
  return [
    fill(x.dtype, x.shape, (position) => {
      const [batch, , token, channel] = position as [number, number, number, number];
      const own = x.data[offset(x.shape, position)]!;
      if (channel >= 2 * half) return own;
      const row =
        rows.data.length === 1 ? rows.data[0]! + token : rows.data[offset(rows.shape, [batch, token])]!;
      const pair = channel % half;
      const [c, s] = [cosines.data[row * half + pair]!, sines.data[row * half + pair]!];
      const other = x.data[offset(x.shape, moved(position, 3, channel < half ? channel + half : pair))]!;
      return channel < half ? own * c - other * s : own * c + other * s;
    }),
  ];
};

export const normalisationKernels = {
  LayerNormalization: norm(true),
  LogSoftmax: softmax(true),
  RotaryEmbedding: rotary,
  SimplifiedLayerNormalization: norm(false),
  Softmax: softmax(false),
} satisfies Record<string, Kernel>;
