import type { Range } from "@mede2/answers";

export interface ArithmeticFault {
  range: Range;
  said: string;
  right: number;
}

type Token = Range &
  (
    | { kind: "number"; value: number; digits: number }
    | { kind: "operator"; sign: "+" | "-" | "*" | "/" | "^" }
    | { kind: "open" | "close" | "unit" }
    | { kind: "equals"; about: boolean }
  );

/** A sum and what it is said to be: `left = right`, both as their tokens. */
interface Equation {
  left: readonly Token[];
  right: readonly Token[];
  about: boolean;
}

// one alternative a group, none of which can match in two ways: linear
const lexeme =
  /(?<number>(?<![\p{L}\d_.,])\d{1,12}(?:,\d{3}){0,3}(?:\.\d{1,12})?(?![\d\p{L}_]|[.,]\d))|(?<times>[*×·]|\\times\b|\\cdot\b|(?<=[\d)\]][ \t]?)x(?=[ \t]?[\d([]))|(?<divided>[/÷])|(?<plus>\+)|(?<minus>[-−–])|(?<power>\^|\*\*)|(?<open>[([{]|\\left[([])|(?<close>[)\]}]|\\right[)\]])|(?<equals>=|≈|\\approx\b)|(?<unit>(?<=[\d)] ?)(?:kg|cm|mm|mg\/d[lL]|g\/d[lL]|g\/[lL]|mmol\/[lL]|mEq\/[lL]|[uµμ]mol\/[lL]|mmHg|years?|bpm|m[lL]|mg|kg\/m²)(?![\p{L}/]))/gu;
/** What may not stand before a sum: it would begin there. */
const goesOn = /(?:[\p{L}\d_√^\\.,]|[-−–+*×·/÷][ \t]{0,2})$/u;
/** What may follow a result: no sign or bracket that would go on with it. */
const settled = /^(?![ \t$]{0,4}(?:[-−–+*×·/÷^([{]|\\(?:times|cdot|left)))/;
const blank = /^(?:[ \t$]|\\[,;!]){0,8}$/;

/** The sums written out in a text ("140 − 65 = 75", "(140 − 60) × 70 / (72 × 1.2) = 64.8") and those that are wrong beyond the rounding of what is written. */
export function arithmeticFaults(text: string): { sums: number; wrong: ArithmeticFault[] } {
  const wrong: ArithmeticFault[] = [];
  let sums = 0;
  if (!/[=≈]|\\approx/.test(text)) return { sums, wrong };
  for (const { left, right, about } of equations(text)) {
    const value = evaluate(left);
    const said = resultOf(right);
    if (value === null || said === null) continue;
    sums += 1;
    const digits = right.find((token) => token.kind === "number")?.digits ?? 0;
    const slack = Math.max(0.51 * 10 ** -digits, Math.abs(value) * (about ? 0.05 : 0.02));
    if (Math.abs(value - said) > slack) {
      const range = { start: left[0]!.start, end: right.at(-1)!.end };
      wrong.push({
        range,
        said: text.slice(range.start, range.end),
        right: Math.round(value * 1e4) / 1e4,
      });
    }
  }
  return { sums, wrong };
}

/** Runs of lexemes with nothing but blanks between them that an equals sign parts, and that have something to compute on the left. */
function* equations(text: string): Generator<Equation> {
  let sides: Token[][] = [[]];
  let signs: boolean[] = [];
  let end = 0;
  function* flush(): Generator<Equation> {
    for (const [at, about] of signs.entries()) {
      const [left, right] = [sides[at]!, sides[at + 1]!];
      if (!left.some(({ kind }) => kind === "operator") || right.length === 0) continue;
      // what stands right before or after belongs to it: "exp(−0.35) = 0.7", "= 36.7 + 0.99x"
      const { start } = left[0]!;
      if (goesOn.test(text.slice(Math.max(0, start - 4), start))) continue;
      if (!settled.test(text.slice(right.at(-1)!.end, right.at(-1)!.end + 8))) continue;
      yield { left, right, about };
    }
    sides = [[]];
    signs = [];
  }
  for (const match of text.matchAll(lexeme)) {
    const token = tokenOf(match, text);
    if (token === null || !blank.test(text.slice(end, match.index).slice(0, 32))) yield* flush();
    end = match.index + match[0].length;
    if (token === null) continue;
    if (token.kind === "equals") {
      signs.push(token.about);
      sides.push([]);
    } else sides.at(-1)!.push(token);
  }
  yield* flush();
}

function tokenOf(match: RegExpExecArray, text: string): Token | null {
  const [said] = match;
  const groups = match.groups!;
  const range = { start: match.index, end: match.index + said.length };
  if (groups.number !== undefined)
    return {
      ...range,
      kind: "number",
      value: Number(said.replaceAll(",", "")),
      digits: said.split(".")[1]?.length ?? 0,
    };
  if (groups.minus !== undefined) {
    // a hyphen without blanks is a range ("2.8-3.5"), unless what it stands in is put in brackets or the sign is a true minus
    const tight = said !== "−" && /\d/.test(text[range.start - 1] ?? "") && /\d/.test(text[range.end] ?? "");
    const bracket = /[([{][^)\]}\n]{0,40}$/.test(text.slice(Math.max(0, range.start - 41), range.start));
    return tight && !bracket ? null : { ...range, kind: "operator", sign: "-" };
  }
  const sign = { times: "*", divided: "/", plus: "+", power: "^" } as const;
  for (const name of Object.keys(sign) as (keyof typeof sign)[])
    if (groups[name] !== undefined) return { ...range, kind: "operator", sign: sign[name] };
  if (groups.equals !== undefined) return { ...range, kind: "equals", about: said !== "=" };
  return {
    ...range,
    kind: groups.open !== undefined ? "open" : groups.close !== undefined ? "close" : "unit",
  };
}

/** Deepest brackets that are followed. */
const deepest = 12;

/** Powers before products before sums; null for what is no complete expression. */
function evaluate(tokens: readonly Token[]): number | null {
  let at = 0;
  const sign = () => {
    const token = tokens[at];
    return token?.kind === "operator" ? token.sign : undefined;
  };
  const atom = (depth: number): number => {
    const token = tokens[at++];
    if (token?.kind === "number") {
      while (tokens[at]?.kind === "unit") at++;
      return token.value;
    }
    if (token?.kind !== "open" || depth > deepest) return Number.NaN;
    const value = sum(depth + 1);
    if (tokens[at++]?.kind !== "close") return Number.NaN;
    while (tokens[at]?.kind === "unit") at++;
    return value;
  };
  const power = (depth: number): number => {
    const base = atom(depth);
    if (sign() !== "^") return base;
    at++;
    const negative = sign() === "-";
    if (negative) at++;
    const exponent = atom(depth);
    return base ** (negative ? -exponent : exponent);
  };
  const product = (depth: number): number => {
    let value = power(depth);
    for (let next = sign(); next === "*" || next === "/"; next = sign()) {
      at++;
      const factor = power(depth);
      value = next === "*" ? value * factor : value / factor;
    }
    return value;
  };
  function sum(depth: number): number {
    const negative = depth > 0 && sign() === "-";
    if (negative) at++;
    let value = product(depth);
    if (negative) value = -value;
    for (let next = sign(); next === "+" || next === "-"; next = sign()) {
      at++;
      const term = product(depth);
      value = next === "+" ? value + term : value - term;
    }
    return value;
  }
  const value = sum(0);
  return at === tokens.length && Number.isFinite(value) ? value : null;
}

/** The number on the right; null for anything else: an expression there may be the next step of the sum, or the whole of it ("28.2 + 8.5 = 36.7 + 1 = 37.7"). */
function resultOf(tokens: readonly Token[]): number | null {
  const negative = tokens[0]?.kind === "operator" && tokens[0].sign === "-";
  const [first, ...rest] = (negative ? tokens.slice(1) : tokens).filter(({ kind }) => kind !== "unit");
  if (first?.kind !== "number" || rest.length > 0) return null;
  return negative ? -first.value : first.value;
}
