const bars = "▁▂▃▄▅▆▇█";

/** A series as one line of at most `width` characters, each the mean of its share of the points. */
export function sparkline(values: readonly number[], width: number): string {
  const cells = Math.min(width, values.length);
  const means = Array.from({ length: cells }, (_, cell) => {
    const part = values.slice(
      Math.floor((cell * values.length) / cells),
      Math.max(Math.floor(((cell + 1) * values.length) / cells), 1),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const place = (value: number) => (high === low ? 0 : Math.round(((value - low) / (high - low)) * 7));
  return means.map((value) => bars[place(value)]).join("");
}
