const longest = 40;

/** A name for a run or a plan: when, and of which recipe. Safe as a file name everywhere. */
export function runName(recipe: string, now: Date): string {
  const time = now.toISOString().replace(/[-:]/g, "").slice(0, 15);
  const safe = recipe
    .replace(/[^\w.-]+/g, "-")
    .replace(/^[-.]+|[-.]+$/g, "")
    .slice(0, longest);
  return `${time}-${safe === "" ? "run" : safe}`;
}

/**
 * A name as a narrow list shows it: without the time that `runName` puts before it, which then stands behind, in the reader's own time. Names
 * without a time stay as they are.
 */
export function splitName(name: string): { readonly short: string; readonly when: string } {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)-(.+)$/.exec(name);
  if (found === null) return { short: name, when: "" };
  const [, year, month, day, hour, minute, second, short] = found;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time.getTime())) return { short: name, when: "" };
  const when = time.toLocaleString("en", {
    ...{ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  return { short: short!, when };
}

/** Names without their times where that tells them apart, and with them where it does not. */
export function namesApart(names: readonly string[]): string[] {
  const parts = names.map(splitName);
  const of = (how: (part: (typeof parts)[number]) => string) => {
    const made = parts.map(how);
    return new Set(made).size === new Set(names).size ? made : undefined;
  };
  return of(({ short }) => short) ?? of(({ short, when }) => `${short}, ${when}`) ?? [...names];
}
