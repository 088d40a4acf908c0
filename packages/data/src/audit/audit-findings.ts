import { overlapSentence } from "../splits/split-overlap.ts";
import type { AuditReport } from "./audit-report.ts";

/** What a reader should not miss, in plain sentences. */
export function auditFindings(report: Omit<AuditReport, "findings">): string[] {
  const { file, against, splits, optionForm, within, pictures } = report;
  const found: string[] = [];
  for (const { file: name, items, touched, pictures: shown, patients } of against) {
    if (shown.shared > 0)
      found.push(
        shown.shared === shown.of
          ? `All ${shown.of} pictures of ${name} are in ${file.name} too.`
          : `${shown.shared} of the ${shown.of} pictures of ${name} are in ${file.name} too.`,
      );
    if (patients.shared > 0)
      found.push(`${patients.shared} of the ${patients.of} patients of ${name} are in ${file.name} too.`);
    const text = Math.max(touched.exact, touched.near, touched.passage);
    if (text > 0)
      found.push(
        `Of the ${items} questions of ${name}, ${touched.exact} are in ${file.name} word by word, ${touched.near} more or less, and ${touched.passage} share long passages with it.`,
      );
  }
  found.push(...splits.map(overlapSentence));
  if (!("skipped" in within) && within.otherAnswer > 0)
    found.push(`${within.otherAnswer} questions of ${file.name} come a second time with another answer.`);
  for (const { rule, accuracy, low, chance, n } of optionForm.rules)
    if (low > chance + 0.02)
      found.push(
        `Always choosing ${rule} is right in ${percent(accuracy)} of ${n} questions; by chance it would be ${percent(chance)}.`,
      );
  if (pictures.undecoded > 0)
    found.push(
      `${pictures.undecoded} pictures could not be decoded: they were compared by their bytes alone.`,
    );
  return found;
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
