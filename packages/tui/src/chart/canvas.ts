import type { Role, Segment } from "../text/line.ts";

/** Dots in cells: two by four a cell in braille, one by one in ASCII. Each cell has the colour of the last series that drew in it. */
export interface Canvas {
  /** In dots. */
  readonly width: number;
  readonly height: number;
  /** Sets a dot; (0, 0) is at the upper left. Dots outside are left out. */
  dot(x: number, y: number, series: number): void;
  /** Puts a sign over a whole cell. */
  sign(x: number, y: number, sign: string, role: Role): void;
  rows(): Segment[][];
}

const brailleDots = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80];
const asciiSigns = ["*", "o", "+", "x"];
const faintSeries = -1;

export function openCanvas(columns: number, lines: number, ascii: boolean): Canvas {
  const [across, down] = ascii ? [1, 1] : [2, 4];
  const bits = new Uint8Array(columns * lines);
  const owners = new Int8Array(columns * lines).fill(-2);
  const signs = new Map<number, { sign: string; role: Role }>();
  const [width, height] = [columns * across, lines * down];
  const cellOf = (x: number, y: number) => Math.floor(y / down) * columns + Math.floor(x / across);
  const inside = (x: number, y: number) => x >= 0 && y >= 0 && x < width && y < height;
  return {
    width,
    height,
    dot(x, y, series) {
      if (!inside(x, y)) return;
      const cell = cellOf(x, y);
      bits[cell]! |= ascii ? 1 : brailleDots[(y % 4) * 2 + (x % 2)]!;
      if (series >= owners[cell]!) owners[cell] = series;
    },
    sign(x, y, sign, role) {
      if (inside(x, y)) signs.set(cellOf(x, y), { sign, role });
    },
    rows() {
      return Array.from({ length: lines }, (_, line) => {
        const segments: Segment[] = [];
        for (let column = 0; column < columns; column++) {
          const cell = line * columns + column;
          const put = signs.get(cell);
          const owner = owners[cell]!;
          const role: Role =
            put?.role ?? (owner === faintSeries ? "dim" : (`series${Math.max(0, owner)}` as Role));
          const text =
            put?.sign ??
            (bits[cell] === 0
              ? " "
              : ascii
                ? owner === faintSeries
                  ? "."
                  : asciiSigns[owner]!
                : String.fromCharCode(0x2800 + bits[cell]!));
          const last = segments.at(-1);
          if (last !== undefined && (last.role === role || text === " ")) last.text += text;
          else segments.push({ text, role });
        }
        return segments;
      });
    },
  };
}

/** A line of dots between two places (Bresenham). */
export function drawLine(
  canvas: Canvas,
  from: readonly [number, number],
  to: readonly [number, number],
  series: number,
): void {
  let [x, y] = from;
  const [endX, endY] = to;
  const [dx, dy] = [Math.abs(endX - x), -Math.abs(endY - y)];
  const [stepX, stepY] = [x < endX ? 1 : -1, y < endY ? 1 : -1];
  let error = dx + dy;
  for (;;) {
    canvas.dot(x, y, series);
    if (x === endX && y === endY) return;
    const twice = 2 * error;
    if (twice >= dy) {
      error += dy;
      x += stepX;
    }
    if (twice <= dx) {
      error += dx;
      y += stepY;
    }
  }
}
