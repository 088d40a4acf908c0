import type { GraphBuilder } from "../src/builder.ts";
import type { Tensor } from "../src/ir/types.ts";
import type { OpName } from "../src/op-names.ts";
import * as ops from "../src/ops/index.ts";
import type { GradientCase } from "./check-gradient.ts";
import { type Value, value } from "./kernels/value.ts";
import type { Random } from "./random.ts";

type CaseMaker = (random: Random) => GradientCase;
/** An op without a gradient: a graph in which the operand would need one through it. */
export interface WithoutGradient {
  readonly none: (g: GraphBuilder, x: Tensor) => Tensor;
}

type Unary = (g: GraphBuilder, x: Tensor) => Tensor;
type Binary = (g: GraphBuilder, a: Tensor, b: Tensor) => Tensor;
type Reduce = (g: GraphBuilder, x: Tensor, axes: readonly number[], keep?: boolean) => Tensor;

function unary(op: Unary, low = -2, high = 2): CaseMaker {
  return (random) => ({
    inputs: [random.values(random.shape(0, 3), low, high)],
    build: (g, [x]) => op(g, x!),
  });
}

/** For ops with a kink: values stay away from 0 and from each other. */
function kinked(op: Unary): CaseMaker {
  return (random) => ({ inputs: random.distinct(random.shape(0, 3)), build: (g, [x]) => op(g, x!) });
}

function binary(op: Binary, draw?: (random: Random, shapes: number[][]) => Value[]): CaseMaker {
  return (random) => {
    const shapes = random.broadcastable(2);
    const inputs = draw === undefined ? shapes.map((shape) => random.values(shape)) : draw(random, shapes);
    return { inputs, build: (g, [a, b]) => op(g, a!, b!) };
  };
}

/** Over some axes; over all of them where none is given. */
function reduction(op: Reduce): CaseMaker {
  return (random) => {
    const shape = random.shape(1, 4);
    const axes = random.subset(shape.length).map((axis) => (random.flag() ? axis : axis - shape.length));
    const keep = random.flag();
    return { inputs: random.distinct(shape), build: (g, [x]) => op(g, x!, axes, keep) };
  };
}

function alongAxis(op: (g: GraphBuilder, x: Tensor, axis: number) => Tensor): CaseMaker {
  return (random) => {
    const shape = random.shape(1, 3, 4);
    const axis = random.int(-shape.length, shape.length - 1);
    return { inputs: [random.values(shape)], build: (g, [x]) => op(g, x!, axis) };
  };
}

/** A comparison as 0 and 1. */
function comparison(op: Binary): WithoutGradient {
  return { none: (g, x) => ops.cast(g, op(g, x, g.scalar(0, "float64")), "float64") };
}

function logic(op: (g: GraphBuilder, condition: Tensor) => Tensor): WithoutGradient {
  return { none: (g, x) => ops.cast(g, op(g, ops.greater(g, x, 0)), "float64") };
}

/** Two matrices, or stacks of them that broadcast; a transposed operand is given transposed. */
function matrices(random: Random, transA = false, transB = false): Value[] {
  const [m, k, n] = [random.int(1, 3), random.int(1, 3), random.int(1, 3)];
  const [batchA, batchB] = random.broadcastable(2, 2);
  return [
    random.values([...batchA!, ...(transA ? [k, m] : [m, k])]),
    random.values([...batchB!, ...(transB ? [n, k] : [k, n])]),
  ];
}

/** How to check the gradient of every op. Leaving one out does not compile. */
export const gradientCases: Readonly<Record<OpName, CaseMaker | WithoutGradient>> = {
  Abs: kinked(ops.abs),
  Add: binary(ops.add),
  And: logic((g, condition) => ops.and(g, condition, condition)),
  ArgMax: { none: (g, x) => ops.cast(g, ops.argMax(g, x, 0), "float64") },
  Cast: unary((g, x) => ops.cast(g, ops.cast(g, x, "float32"), "float64")),
  Clip: kinked((g, x) => ops.clip(g, x, -0.5, 0.25)),
  Concat: (random) => {
    const shape = random.shape(1, 3);
    const axis = random.int(0, shape.length - 1);
    const given = random.flag() ? axis : axis - shape.length;
    const parts = Array.from({ length: random.int(2, 4) }, () =>
      random.values(shape.map((size, at) => (at === axis ? random.int(1, 3) : size))),
    );
    return { inputs: parts, build: (g, tensors) => ops.concat(g, tensors, given) };
  },
  Cos: unary(ops.cos),
  Div: binary(ops.div, (random, [a, b]) => [random.values(a!), random.values(b!, 0.5, 2)]),
  Equal: comparison(ops.equal),
  Erf: unary(ops.erf),
  Exp: unary(ops.exp),
  Expand: (random) => {
    const [shape, target] = random.broadcastable(2, 4);
    return { inputs: [random.values(shape!)], build: (g, [x]) => ops.expand(g, x!, target!) };
  },
  FusedMatMul: (random) => {
    const [transA, transB] = [random.flag(), random.flag()];
    const alpha = random.pick([0.5, -2, 3]);
    const inputs = matrices(random, transA, transB);
    return { inputs, build: (g, [a, b]) => ops.fusedMatMul(g, a!, b!, { transA, transB, alpha }) };
  },
  Gather: (random) => {
    const shape = random.shape(1, 3, 4);
    const axis = random.int(-shape.length, shape.length - 1);
    const size = shape.at(axis)!;
    const indices = random.integers(random.shape(0, 2), -size, size - 1);
    return { inputs: [random.values(shape), indices], build: (g, [x, at]) => ops.gather(g, x!, at!, axis) };
  },
  GatherElements: (random) => {
    const shape = random.shape(1, 3, 4);
    const axis = random.int(-shape.length, shape.length - 1);
    const size = shape.at(axis)!;
    const indices = random.integers(
      shape.map((own) => random.int(1, own)),
      -size,
      size - 1,
    );
    return {
      inputs: [random.values(shape), indices],
      build: (g, [x, at]) => ops.gatherElements(g, x!, at!, axis),
    };
  },
  Gelu: (random) => {
    const form = random.pick(["none", "tanh"] as const);
    return unary((g, x) => ops.gelu(g, x, form), -4, 4)(random);
  },
  Greater: comparison(ops.greater),
  Identity: unary(ops.identity),
  LayerNormalization: (random) => {
    const shape = [...random.shape(0, 2), random.int(2, 4)];
    const rows = [shape.at(-1)!];
    return {
      inputs: [random.values(shape), random.values(rows), random.values(rows)],
      build: (g, [x, scale, bias]) => ops.layerNorm(g, x!, scale!, bias!, 0.01),
    };
  },
  Less: comparison(ops.less),
  Log: unary(ops.log, 0.3, 3),
  LogSoftmax: alongAxis(ops.logSoftmax),
  MatMul: (random) => ({ inputs: matrices(random), build: (g, [a, b]) => ops.matMul(g, a!, b!) }),
  MatMulBnb4: (random) => {
    const [rows, outputs, inputs] = [random.int(1, 3), random.int(1, 3), 2 * random.int(1, 3)];
    const bytes = Array.from({ length: (outputs * inputs) / 2 }, () => random.int(0, 255));
    const scales = random.values([Math.ceil((outputs * inputs) / 16)], 0.5, 2);
    return {
      inputs: [random.values([rows, inputs]), value("uint8", [bytes.length], bytes)],
      build: (g, [x, codes]) => {
        const constant = g.constant("float64", scales.shape, [...scales.data]);
        const weight = { codes: codes!, scales: constant, outputs, inputs, blockSize: 16 };
        return ops.matMulNf4(g, x!, weight);
      },
    };
  },
  MatMulNBits: (random) => {
    const [rows, outputs, inputs] = [random.int(1, 3), random.int(1, 3), random.int(1, 40)];
    const blocks = Math.ceil(inputs / 16);
    const bytes = Array.from({ length: outputs * blocks * 16 }, () => random.int(0, 255));
    const scales = random.values([outputs, blocks], 0.005, 0.02);
    return {
      inputs: [random.values([rows, inputs]), value("uint8", [outputs, blocks, 16], bytes)],
      build: (g, [x, codes]) => {
        const constant = g.constant("float64", scales.shape, [...scales.data]);
        const weight = { codes: codes!, scales: constant, outputs, inputs, blockSize: 16 };
        return ops.matMulInt8(g, x!, weight);
      },
    };
  },
  Max: binary(ops.max, (random, shapes) => random.distinct(...shapes)),
  Min: binary(ops.min, (random, shapes) => random.distinct(...shapes)),
  Mul: binary(ops.mul),
  Neg: unary(ops.neg),
  Not: logic(ops.not),
  Or: logic((g, condition) => ops.or(g, condition, condition)),
  Pad: (random) => {
    const shape = random.shape(1, 3);
    const [before, after] = [shape.map(() => random.int(0, 2)), shape.map(() => random.int(0, 2))];
    return {
      inputs: [random.values(shape)],
      build: (g, [x]) => ops.pad(g, x!, before, after, random.next()),
    };
  },
  Pow: (random) => {
    const [shape, exponents] = random.broadcastable(2);
    const powers = random.values(exponents!, -2, 3);
    return {
      inputs: [random.values(shape!, 0.3, 2)],
      build: (g, [x]) => ops.pow(g, x!, g.constant("float64", powers.shape, Array.from(powers.data))),
    };
  },
  QuickGelu: (random) => {
    const alpha = random.pick([1, 1.702]);
    return unary((g, x) => ops.quickGelu(g, x, alpha), -4, 4)(random);
  },
  ReduceLogSumExp: reduction(ops.reduceLogSumExp),
  ReduceMax: reduction(ops.reduceMax),
  ReduceMean: reduction(ops.reduceMean),
  ReduceSum: reduction(ops.reduceSum),
  ReduceSumSquare: reduction(ops.reduceSumSquare),
  Reciprocal: unary(ops.reciprocal, 0.5, 2),
  Relu: kinked(ops.relu),
  Reshape: (random) => {
    const shape = random.shape(0, 4);
    const total = shape.reduce((product, size) => product * size, 1);
    const target = random.pick([
      [-1],
      [1, total],
      [total, -1],
      shape.toReversed(),
      [...shape.map(() => 0), 1],
    ]);
    return { inputs: [random.values(shape)], build: (g, [x]) => ops.reshape(g, x!, target) };
  },
  RotaryEmbedding: (random) => {
    const [batch, heads, tokens, half] = random.shape(4, 4) as [number, number, number, number];
    const rows = tokens + random.int(0, 2);
    const angles = random.values([rows, half], -3, 3);
    const table = (f: (angle: number) => number) => Array.from(angles.data, f);
    return {
      inputs: [
        random.values([batch, heads, tokens, 2 * half]),
        random.integers([batch, tokens], 0, rows - 1),
      ],
      build: (g, [x, at]) =>
        ops.rotaryEmbedding(
          g,
          x!,
          at!,
          g.constant("float64", [rows, half], table(Math.cos)),
          g.constant("float64", [rows, half], table(Math.sin)),
        ),
    };
  },
  ScatterElements: (random) => {
    const shape = random.shape(1, 3, 4);
    const axis = random.int(-shape.length, shape.length - 1);
    const size = shape.at(axis)!;
    const place = shape.map((own) => random.int(1, own));
    return {
      inputs: [random.values(shape), random.integers(place, -size, size - 1), random.values(place)],
      build: (g, [x, at, updates]) => ops.scatterAdd(g, x!, at!, updates!, axis),
    };
  },
  Sigmoid: unary(ops.sigmoid),
  SimplifiedLayerNormalization: (random) => {
    const shape = [...random.shape(0, 2), random.int(1, 4)];
    return {
      inputs: [random.values(shape), random.values([shape.at(-1)!])],
      build: (g, [x, scale]) => ops.rmsNorm(g, x!, scale!, 0.01),
    };
  },
  Sin: unary(ops.sin),
  Slice: (random) => {
    const shape = random.shape(1, 3, 5);
    const axis = random.int(-shape.length, shape.length - 1);
    const size = shape.at(axis)!;
    const start = random.int(0, size - 1);
    const end = random.int(start + 1, size);
    const far = end === size && random.flag() ? 2 ** 31 : end; // beyond the end is the end
    return {
      inputs: [random.values(shape)],
      build: (g, [x]) => ops.slice(g, x!, axis, random.flag() ? start : start - size, far),
    };
  },
  Softmax: alongAxis(ops.softmax),
  Softplus: unary(ops.softplus, -4, 4),
  Sqrt: unary(ops.sqrt, 0.3, 3),
  Squeeze: (random) => {
    const sizes = [...random.shape(0, 2), 1, 1];
    const shape = random.permutation(sizes.length).map((at) => sizes[at]!);
    const ones = shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
    const axes = random.subset(ones.length, 1).map((at) => ones[at]! - (random.flag() ? shape.length : 0));
    return { inputs: [random.values(shape)], build: (g, [x]) => ops.squeeze(g, x!, axes) };
  },
  Sub: binary(ops.sub),
  Sum: (random) => ({
    inputs: random.broadcastable(random.int(2, 4)).map((shape) => random.values(shape)),
    build: (g, parts) => ops.sum(g, ...parts),
  }),
  Tanh: unary(ops.tanh),
  Transpose: (random) => {
    const shape = random.shape(1, 4);
    const perm = random.permutation(shape.length);
    return { inputs: [random.values(shape)], build: (g, [x]) => ops.transpose(g, x!, perm) };
  },
  Unsqueeze: (random) => {
    const shape = random.shape(0, 2);
    const rank = shape.length + random.int(1, 2);
    const places = random.permutation(rank).slice(0, rank - shape.length);
    const axes = places.map((axis) => (random.flag() ? axis : axis - rank));
    return { inputs: [random.values(shape)], build: (g, [x]) => ops.unsqueeze(g, x!, axes) };
  },
  Where: (random) => {
    const [condition, a, b] = random.broadcastable(3);
    const mask = value("bool", condition!, random.integers(condition!, 0, 1).data);
    return {
      inputs: [mask, random.values(a!), random.values(b!)],
      build: (g, [c, x, y]) => ops.where(g, c!, x!, y!),
    };
  },
};
