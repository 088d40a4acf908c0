import type { Range } from "@mede2/answers";

export interface ArithmeticFault {
  range: Range;
  said: string;
  right: number;
}

// every quantifier is bounded; a hyphen without spaces is a range, and a right side that goes on is another sum
const sum =
  /(?<![\p{L}\d.,^]|[)/*×÷+–−=-][ \t]{0,2})\d{1,9}(?:\.\d{1,9})?(?:(?:[ \t]{0,2}[+*×x/÷][ \t]{0,2}|[ \t]{1,2}[-−–][ \t]{1,2}|−)\d{1,9}(?:\.\d{1,9})?){1,14}[ \t]{0,2}[=≈][ \t]{0,2}[-−]?\d{1,9}(?:\.\d{1,9})?(?!\d|[.,]\d|\^|[ \t]{0,2}[*×x/÷+−–-])/gu;

/** The sums written out in a text ("140 − 65 = 75") and those that are wrong beyond the rounding of what is written. */
export function arithmeticFaults(text: string): { sums: number; wrong: ArithmeticFault[] } {
  const wrong: ArithmeticFault[] = [];
  let sums = 0;
  for (const match of text.matchAll(sum)) {
    const [left, right] = match[0].split(/[=≈]/) as [string, string];
    const value = evaluate(left);
    const said = Number(right.trim().replace("−", "-"));
    if (value === null || !Number.isFinite(said)) continue;
    sums += 1;
    const digits = right.trim().split(".")[1]?.length ?? 0;
    const slack = Math.max(0.51 * 10 ** -digits, Math.abs(value) * (match[0].includes("≈") ? 0.05 : 0.02));
    if (Math.abs(value - said) > slack)
      wrong.push({
        range: { start: match.index, end: match.index + match[0].length },
        said: match[0],
        right: Math.round(value * 1e4) / 1e4,
      });
  }
  return { sums, wrong };
}

/** Products before sums, from the left. */
function evaluate(expression: string): number | null {
  const tokens = expression.match(/\d+(?:\.\d+)?|[+\-−–*×x/÷]/g);
  if (tokens === null || tokens.length % 2 === 0) return null;
  const terms = [Number(tokens[0])];
  for (let at = 1; at < tokens.length; at += 2) {
    const next = Number(tokens[at + 1]);
    const operator = tokens[at]!;
    if ("*×x".includes(operator)) terms[terms.length - 1]! *= next;
    else if ("/÷".includes(operator)) terms[terms.length - 1]! /= next;
    else terms.push(operator === "+" ? next : -next);
  }
  const total = terms.reduce((all, term) => all + term, 0);
  return Number.isFinite(total) ? total : null;
}
