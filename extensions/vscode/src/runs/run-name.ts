/** A name for a run or a plan: when, and of which recipe. Safe as a file name everywhere. */
export function runName(recipe: string, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, "").slice(0, 15);
  const safe = recipe
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, 40);
  return `${time}-${safe === "" ? "run" : safe}`;
}
