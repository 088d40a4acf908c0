import type { z } from "zod";

export type RecordErrorCode = "unreadable" | "not-json" | "invalid" | "not-finite";

/** Where a record stood: `line` counts from 1 and is 0 for a file as a whole; `field` is a dotted path, "" for the whole record. */
export interface RecordPlace {
  file: string;
  line: number;
  field: string;
}

/** A record that could not be read or written. The message is one sentence with file, line, field, what was expected and what was found. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  readonly code: RecordErrorCode;
  readonly file: string;
  readonly line: number;
  readonly field: string;

  constructor(code: RecordErrorCode, place: RecordPlace, problem: string, cause?: unknown) {
    const where = place.line > 0 ? `${place.file}:${place.line}` : place.file;
    super(`${where}: ${problem}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.file = place.file;
    this.line = place.line;
    this.field = place.field;
  }
}

/** A problem of a value: the dotted path of the field and a phrase "expected …, got …". */
export interface Problem {
  field: string;
  message: string;
}

/** Turns what zod found into sentences that a user understands, the deepest cause of a union first. `value` is what was parsed. */
export function problemsOf(error: z.ZodError, value: unknown): Problem[] {
  return error.issues.flatMap((issue) => describe(issue as Issue, [], value));
}

/** One sentence for all problems: the first, and how many more there are. */
export function problemSentence(problems: readonly Problem[]): string {
  const [first] = problems;
  if (first === undefined) return "the record is not valid";
  const more =
    problems.length > 1 ? ` (and ${problems.length - 1} more problem${problems.length > 2 ? "s" : ""})` : "";
  return `${first.field === "" ? "" : `${first.field}: `}${first.message}${more}`;
}

type Issue = z.core.$ZodIssue;

function describe(issue: Issue, prefix: readonly PropertyKey[], root: unknown): Problem[] {
  const path = [...prefix, ...issue.path];
  const value = valueAt(root, path);
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const branch = likeliestBranch(issue.errors as Issue[][], value);
    if (branch !== undefined) return branch.flatMap((inner) => describe(inner, path, root));
  }
  const phrase = expectation(issue, path);
  const message = phrase.startsWith("expected ") ? `${phrase}, got ${show(value)}` : phrase;
  return [{ field: path.map(String).join("."), message }];
}

/** The branch of a union that the value was meant for: the first whose complaints are all about keys that the value has. */
function likeliestBranch(branches: readonly Issue[][], value: unknown): Issue[] | undefined {
  return branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 && valueAt(value, issue.path) !== undefined),
  );
}

function expectation(issue: Issue, path: readonly PropertyKey[]): string {
  if (issue.message.startsWith("expected ")) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `expected ${typeNames[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.length > 1 ? "one of " : ""}${issue.values.map((item) => JSON.stringify(item)).join(", ")}`;
    case "too_small":
      return bound(issue.origin, issue.inclusive === false ? "more than" : "at least", Number(issue.minimum));
    case "too_big":
      return bound(issue.origin, issue.inclusive === false ? "less than" : "at most", Number(issue.maximum));
    case "invalid_union": {
      const options = (issue as { options?: unknown[] }).options;
      return options === undefined
        ? "expected another value"
        : `expected one of ${options.map((item) => JSON.stringify(item)).join(", ")}`;
    }
    case "invalid_format":
      return `expected a text of the format ${issue.format}`;
    case "invalid_key":
      return `expected another key than ${JSON.stringify(String(path.at(-1)))}`;
    default:
      return issue.message;
  }
}

const typeNames: Record<string, string> = {
  string: "a text",
  number: "a finite number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  array: "a list",
  tuple: "a list",
};

function bound(origin: string, words: string, limit: number): string {
  if (origin === "string")
    return limit === 1
      ? "expected a text that is not empty"
      : `expected a text of ${words} ${limit} characters`;
  if (origin === "array" || origin === "set")
    return `expected ${words} ${limit} item${limit === 1 ? "" : "s"}`;
  return `expected a number of ${words} ${limit}`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = root;
  for (const key of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

/** A value as it reads in a message: short, and on one line. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
