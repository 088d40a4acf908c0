/** What follows a value of Python as `repr` writes it. */
type Read = readonly [value: unknown, next: number];

const keywords: Readonly<Record<string, unknown>> = {
  True: true,
  False: false,
  None: null,
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
};

/**
 * The log entry that a line of a trainer's output holds: `transformers` prints each as a Python dictionary, `{'loss': '0.69', 'epoch': '0.01'}` (version 5 with its numbers as texts), often behind a bar of
 * progress. Undefined where the line holds none.
 */
export function printedEntry(line: string): Record<string, unknown> | undefined {
  const start = line.search(/\{'(?:loss|eval_\w+|train_runtime)'/);
  if (start < 0) return undefined;
  try {
    const [value] = dictionary(line, start);
    return value as Record<string, unknown>;
  } catch {
    return undefined; // another program's words, or a line that was cut
  }
}

function dictionary(text: string, at: number): Read {
  const entries: [string, unknown][] = [];
  let next = at + 1;
  for (;;) {
    next = skip(text, next, /[\s,]*/y);
    if (text[next] === "}") return [Object.fromEntries(entries), next + 1];
    const [key, after] = word(text, next);
    const colon = skip(text, after, /\s*:\s*/y);
    if (typeof key !== "string" || colon === after) throw new SyntaxError("no key");
    const [value, end] = text[colon] === "{" ? dictionary(text, colon) : word(text, colon);
    entries.push([key, value]);
    next = end;
  }
}

/** A text in either kind of quotes, a number or a keyword. */
function word(text: string, at: number): Read {
  const quoted = match(text, at, /'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/y);
  if (quoted !== undefined) return [quoted[1] ?? quoted[2], at + quoted[0].length];
  const bare = match(text, at, /-?\w[\w.+-]*/y)?.[0];
  if (bare === undefined) throw new SyntaxError("no value");
  const name = bare.replace(/^-/, "");
  const value = Object.hasOwn(keywords, name) ? keywords[name] : Number(name);
  if (Number.isNaN(value) && name !== "nan") throw new SyntaxError("no value");
  return [typeof value === "number" && name !== bare ? -value : value, at + bare.length];
}

function match(text: string, at: number, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

const skip = (text: string, at: number, pattern: RegExp): number =>
  at + (match(text, at, pattern)?.[0].length ?? 0);
