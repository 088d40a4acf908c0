import { basename, resolve } from "node:path";
import type {
  AccuracyPart,
  Baselines,
  ImageAudit,
  ReasoningQuality,
  Summary,
  VoteCalibration,
} from "@mede2/eval";
import type { ImageCondition } from "@mede2/schemas";
import type { Reply } from "../command.ts";
import type { Output } from "../output.ts";

interface EvaluationSaid {
  summaries: readonly Summary[];
  headline: ImageCondition;
  records: string | undefined;
  rate: number | undefined;
  metric?: "accuracy" | "macro-f1";
  more?: {
    warnings?: readonly string[];
    baselines?: Baselines | null;
    audit?: ImageAudit;
    quality?: ReasoningQuality | null;
    calibration?: VoteCalibration | null;
    [key: string]: unknown;
  };
}

/** What an evaluation says. Where more than 1 % of the requests failed there is no headline, and the command has failed. */
export async function evaluationReply(said: EvaluationSaid): Promise<Reply> {
  const { summaryTable } = await import("@mede2/eval");
  const { summaries, headline, records, rate, metric = "accuracy", more = {} } = said;
  const {
    accuracy,
    low,
    high,
    n,
    correct,
    answers,
    band,
    excluded,
    bounds,
    guesses,
    macroF1,
    incomplete,
    by,
  } = summaries.find(({ images }) => images === headline)!;
  const whole = !incomplete;
  return {
    exit: whole ? 0 : 1,
    json: {
      ...(accuracy === null || !whole ? {} : { accuracy }),
      ...(low === null || high === null || !whole ? {} : { low, high }),
      ...{ n, correct, answers, excluded, incomplete },
      ...(metric === "macro-f1" && macroF1 !== null && whole ? { macroF1 } : {}),
      ...(band === null ? {} : { band }),
      ...(bounds === null || bounds.low === bounds.high ? {} : { bounds }),
      ...(guesses === null ? {} : { guesses }),
      ...(rate === undefined ? {} : { tokensPerSecond: rate }),
      ...(records === undefined ? {} : { records: resolve(records) }),
      ...(Object.keys(by).length === 0 ? {} : { by }),
      ...more,
      summaries,
    },
    print: (output) => {
      for (const line of summaryTable(summaries).split("\n")) output.line(line);
      printParts(output, by);
      if (guesses !== null)
        output.line(
          `guesses of that harness: ${guesses.drawn} drawn, ${guesses.nearest} nearest; its expected score ${percent(guesses.expected)}`,
        );
      if (metric === "macro-f1" && macroF1 !== null) output.line(`macro-F1 ${percent(macroF1)}`);
      const { baselines, audit, quality, calibration } = more;
      if (baselines) output.line(baselineLine(baselines));
      if (audit) printAudit(output, audit);
      if (quality)
        output.line(
          `reasoning: right and sound ${percent(quality.rightGood.value)}, right and not ${percent(quality.rightPoor.value)}, wrong and sound ${percent(quality.wrongGood.value)}, wrong and not ${percent(quality.wrongPoor.value)} of ${quality.n}`,
        );
      if (calibration)
        output.line(
          `vote of ${calibration.samples[1]}: ${percent(calibration.accuracy)}, ${calibration.ties} ties; ECE ${calibration.ece.value.toFixed(3)} [${calibration.ece.low.toFixed(3)}, ${calibration.ece.high.toFixed(3)}], Brier ${calibration.brier.toFixed(3)}, AURC ${calibration.aurc.toFixed(3)}`,
        );
      if (rate !== undefined) output.line(`${Math.round(rate)} tokens/s`);
      if (records !== undefined) output.line(`records  ${basename(records)}`);
      if (!whole)
        output.line(
          `run incomplete: ${excluded.error} requests failed; run the same command again, they are asked anew`,
        );
    },
  };
}

/** What a model must beat. */
export function baselineLine({ n, random, majorityLabel, majorityText }: Baselines): string {
  return `knowing nothing, on the ${n} with options: guessing ${percent(random)}, always ${majorityLabel.label} ${percent(majorityLabel.accuracy)}, always the same words ${percent(majorityText.accuracy)}`;
}

function printParts(output: Output, by: Record<string, Record<string, AccuracyPart>>): void {
  for (const [tag, parts] of Object.entries(by))
    for (const [value, { accuracy, low, high, n }] of Object.entries(parts).slice(0, 12))
      output.line(`${tag} ${value}  ${percent(accuracy)} [${percent(low)}, ${percent(high)}] of ${n}`);
}

function printAudit(output: Output, audit: ImageAudit): void {
  for (const [images, { difference, low, high }] of Object.entries(audit.reliance)) {
    const moved = audit.sensitivity[images as ImageCondition];
    output.line(
      `real − ${images}  ${percent(difference)} [${percent(low)}, ${percent(high)}] points; ${percent(moved?.value ?? null)} % of the answers change`,
    );
  }
  const claims = audit.claims?.ungroundedOfAsserted;
  if (claims)
    output.line(
      `claims of what is seen whose answer no image changes: ${percent(claims.value)} % [${percent(claims.low)}, ${percent(claims.high)}] of ${claims.n} that claim`,
    );
}

const percent = (fraction: number | null) => (fraction === null ? "–" : (fraction * 100).toFixed(1));
