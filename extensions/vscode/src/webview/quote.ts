const longest = 4000;

/** What is selected in one of the two answers: on which side, the text, and where it begins in the answer's text. */
export function quoteInColumns(
  columns: HTMLElement,
): { side: "first" | "second"; start: number; quote: string } | undefined {
  const selection = getSelection();
  if (selection === null || selection.rangeCount === 0 || selection.isCollapsed) return undefined;
  const range = selection.getRangeAt(0);
  const articles = [...columns.querySelectorAll("article")];
  const at = articles.findIndex(
    (article) => article.contains(range.startContainer) && article.contains(range.endContainer),
  );
  const steps = at < 0 ? null : articles[at]!.querySelector(".steps");
  if (steps === null || !steps.contains(range.startContainer) || !steps.contains(range.endContainer))
    return undefined;
  const quote = textOf(range);
  if (quote.trim() === "" || quote.length > longest) return undefined;
  const before = document.createRange();
  before.setStart(steps, 0);
  before.setEnd(range.startContainer, range.startOffset);
  return { side: at === 0 ? "first" : "second", start: textOf(before).length, quote: quote.trim() };
}

/** The text of a range without the numbers of steps, which are ours. */
function textOf(range: Range): string {
  const content = range.cloneContents();
  for (const ours of content.querySelectorAll(".number, .gap")) ours.remove();
  return content.textContent ?? "";
}
