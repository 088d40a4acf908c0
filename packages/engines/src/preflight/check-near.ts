import { auditSettings, fingerprint, nearDuplicates, similarPictures } from "@mede2/data";
import type { DecodedImage } from "@mede2/images";
import type { ImageRef } from "@mede2/schemas";
import type { PlanRow } from "../data/plan-rows.ts";
import type { Tally } from "./tally.ts";

/**
 * What is nearly the same, by the measures of `mede2 data audit`: questions with other ids that share most of their word sequences about the same pictures (numbers and negations alike), and pictures that
 * were encoded or scaled anew. Across the line between learning and evaluation that is a leak; among the rows that are learnt a question that counts twice. Rows come in any order.
 */
export function nearChecks(found: Tally) {
  const side = () => ({
    questions: new Set<string>(),
    texts: nearDuplicates({ similarity: auditSettings.nearSimilarity, sameNumbers: true }),
    pictures: similarPictures(auditSettings.pictures),
  });
  const [learnt, heldOut] = [side(), side()];
  const sidesOf = ({ learns }: PlanRow) =>
    learns ? ([learnt, heldOut] as const) : ([heldOut, learnt] as const);
  const place = ({ place: { file, line } }: PlanRow) => `${file}:${line}`;
  return {
    async row(row: PlanRow): Promise<void> {
      const { question } = row.record;
      const [own, other] = sidesOf(row);
      if (own.questions.has(question.id)) return; // several answers to one question
      own.questions.add(question.id);
      if (!other.questions.has(question.id)) {
        const crossing = await other.texts.judge(question);
        if ("dropped" in crossing)
          found.add(
            "warning",
            "leak-near-question",
            `${place(row)}: nearly the same question is ${row.learns ? "evaluated on" : "learnt from"}: ${crossing.detail}`,
            "split the data by group (mede2 data split), or leave one out",
          );
      }
      const again = await own.texts.judge(question);
      if ("dropped" in again) {
        if (row.learns)
          found.add(
            "warning",
            "near-duplicate",
            `${place(row)}: ${again.detail}: it is learnt twice`,
            "leave one out (mede2 data curate, near-duplicates)",
          );
      } else await own.texts.admit?.(question);
    },
    picture({ sha256 }: ImageRef, pixels: DecodedImage, row: PlanRow): void {
      const [own, other] = sidesOf(row);
      const print = fingerprint(pixels);
      const alike = other.pictures.find(print)[0];
      if (alike !== undefined)
        found.add(
          "warning",
          "leak-near-image",
          `${place(row)}: the picture ${sha256.slice(0, 12)}… looks like ${alike.key.slice(0, 12)}…, which is ${row.learns ? "evaluated on" : "learnt from"} (structural similarity ${alike.similarity.toFixed(3)})`,
          "split the data by group (mede2 data split)",
        );
      own.pictures.add(sha256, print);
    },
  };
}
