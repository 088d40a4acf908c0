import type { Io, Sink } from "./io.ts";
import { printable, printableJson } from "./printable.ts";
import { openProgress, type Progress } from "./progress.ts";

const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type StyleName = keyof typeof styles;
/** A piece of a line: text, or text in a style. Control characters in it never reach the terminal. */
export type Piece = string | { readonly text: string; readonly style: StyleName };

export const bold = (text: string): Piece => ({ text, style: "bold" });
export const dim = (text: string): Piece => ({ text, style: "dim" });

/** What a command says. Everything is written through here, so that nothing untrusted reaches a terminal unescaped. */
export type Output = {
  /** A line of the result, for people; with `--json` it is left out. */
  line(...pieces: Piece[]): void;
  /** A line beside the result, to stderr. */
  note(...pieces: Piece[]): void;
  /** The result for programs: one object on the last line of stdout. */
  json(value: object): void;
  /** Progress on stderr: a bar on a terminal, now and then a line elsewhere. */
  progress(title: string): Progress;
};

export function openOutput(io: Io, forPrograms: boolean): Output {
  let bar: Progress | undefined;
  const write = (sink: Sink, pieces: readonly Piece[]): void => {
    bar?.clear();
    sink.write(`${pieces.map((piece) => rendered(piece, coloured(sink, io.env))).join("")}\n`);
  };
  return {
    line: (...pieces) => {
      if (!forPrograms) write(io.stdout, pieces);
    },
    note: (...pieces) => write(io.stderr, pieces),
    json: (value) => {
      bar?.clear();
      io.stdout.write(`${printableJson(value)}\n`);
    },
    progress: (title) => {
      bar?.end();
      bar = openProgress(io, title);
      return bar;
    },
  };
}

/** Colours only where somebody sees them and nobody asked for none (no-color.org). */
function coloured(sink: Sink, env: NodeJS.ProcessEnv): boolean {
  return sink.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}

function rendered(piece: Piece, colours: boolean): string {
  if (typeof piece === "string") return printable(piece);
  const [on, off] = styles[piece.style];
  return colours ? `\u001b[${on}m${printable(piece.text)}\u001b[${off}m` : printable(piece.text);
}
