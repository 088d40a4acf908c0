import type { ImageCondition, Question } from "@mede2/schemas";
import type { AnswerFile } from "../answering/answer-file.ts";
import { EvaluationError } from "../evaluation-error.ts";
import { type GradedRecord, type GradeSettings, gradeTrace } from "./grade-trace.ts";

/** Grades anew, in the order of conditions and questions, one record in memory at a time. Throws an EvaluationError for an answer that is not there. */
export async function* gradeAnswers(
  file: AnswerFile,
  questions: readonly Question[],
  conditions: readonly ImageCondition[],
  samples: number,
  how: GradeSettings,
): AsyncGenerator<GradedRecord> {
  for (const condition of conditions)
    for (const question of questions)
      for (let sample = 0; sample < samples; sample++) {
        const place = file.find(question.id, condition, sample);
        if (place === undefined)
          throw new EvaluationError(
            "answer-missing",
            `${file.path} has no answer to ${question.id} under "${condition}" (sample ${sample}): run the evaluation to its end first`,
          );
        yield gradeTrace(question, await file.read(place), how);
      }
}
