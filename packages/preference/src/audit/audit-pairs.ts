import type { PreferencePair, Verdict } from "@mede2/schemas";
import { wilson } from "@mede2/stats";
import type { JudgedRating } from "../judges/add-judges.ts";
import { type Calibration, calibrateJudges, type LabelledAnchor } from "../judges/calibration.ts";
import { isotonicFit } from "../judges/isotonic.ts";
import { type PairStatistics, pairStatistics } from "../pairs/pair-statistics.ts";
import { type Bias, biasCounter, positionBias } from "./bias.ts";
import { type Doubt, doubtList } from "./doubts.ts";
import { judgeAgreement } from "./judge-agreement.ts";
import { type Agreement, latestVerdicts, preferredBy, verdictAgreement } from "./verdicts.ts";

export interface AuditSettings {
  /** Verdicts of people, in the order of their file. */
  verdicts?: readonly Verdict[];
  /** Verdicts of judges, each pair in both orders, for the position bias of judges. */
  judgeVerdicts?: readonly Verdict[];
  /** How many of the most doubtful pairs are listed. */
  doubtful?: number;
}

export interface PairAudit {
  agreement: Record<string, Agreement>;
  /** Distances from none, −0.5 to 0.5: chosen sides that are longer, have more marks of style, are of a judge's family; first places preferred. */
  bias: Record<string, Bias>;
  /** Share of pairs in which the chosen side is better on a criterion, among those in which the sides differ. */
  criteria: Record<string, Agreement>;
  doubtful: Doubt[];
  statistics: PairStatistics;
  verdicts: { read: number; pairs: number; unknownPairs: number };
  /** Null without verdicts. */
  calibration: Calibration | null;
}

/** Fewest decided verdicts that are worth a map of margins. */
const fewest = 20;

/** What a set of pairs is like, and how far it can be trusted. One pass; memory does not grow with the pairs but by the traces that judges rated. */
export async function auditPairs(
  pairs: Iterable<PreferencePair> | AsyncIterable<PreferencePair>,
  { verdicts = [], judgeVerdicts = [], doubtful = 20 }: AuditSettings = {},
): Promise<PairAudit> {
  const byPair = latestVerdicts(verdicts);
  const statistics = pairStatistics();
  const bias = biasCounter();
  const judges = judgeAgreement();
  const doubts = doubtList(doubtful);
  const margins: { score: number; outcome: number }[] = [];
  const labelled: LabelledAnchor[] = [];
  const known = new Set<string>();
  for await (const pair of pairs) {
    const said = [...(byPair.get(pair.id)?.values() ?? [])];
    if (said.length > 0) known.add(pair.id);
    statistics.add(pair, bothRight(pair));
    bias.add(pair);
    judges.add(pair);
    doubts.add(pair, said);
    for (const verdict of said) {
      if (!verdict.blind) continue;
      const preferred = preferredBy(verdict);
      if (preferred === "chosen" || preferred === "rejected")
        margins.push({ score: pair.margin, outcome: preferred === "chosen" ? 1 : 0 });
      labelled.push(...labelsOf(pair, verdict));
    }
  }
  const result = statistics.result();
  const position = positionBias(verdicts);
  const judgePosition = positionBias(judgeVerdicts);
  return {
    agreement: { ...verdictAgreement(verdicts), ...judges.result() },
    bias: {
      ...bias.result(),
      ...(position === null ? {} : { position }),
      ...(judgePosition === null ? {} : { "position:judges": judgePosition }),
    },
    criteria: Object.fromEntries(
      Object.entries(result.criteria).flatMap(([name, { better, worse }]) =>
        better + worse === 0 ? [] : [[name, { ...wilson(better, better + worse), n: better + worse }]],
      ),
    ),
    doubtful: doubts.result(),
    statistics: result,
    verdicts: {
      read: verdicts.length,
      pairs: known.size,
      unknownPairs: [...byPair.keys()].filter((id) => !known.has(id)).length,
    },
    calibration:
      verdicts.length === 0
        ? null
        : {
            name: "verdicts",
            judges: calibrateJudges(labelled),
            ...(margins.length >= fewest && { margin: isotonicFit(margins) }),
            labels: margins.length + labelled.length,
          },
  };
}

/** The outcome criterion says whether an answer was right; where no rubric has it, both sides of the sampled kind with right answers are told by the kind. */
function bothRight({ ratings, negativeKind }: PreferencePair): boolean {
  const right = ({ gates, criteria }: PreferencePair["ratings"]["chosen"]) =>
    gates["answer-correct"] === "passed" ||
    (criteria.outcome?.status === "scored" && criteria.outcome.value === 1);
  return (right(ratings.chosen) && right(ratings.rejected)) || negativeKind === "right-answer-poor-reasoning";
}

/** A person's choice on a criterion as labels of both sides: the better one 1, the worse 0, a tie a half each. */
function labelsOf(pair: PreferencePair, verdict: Verdict): LabelledAnchor[] {
  return Object.entries(verdict.criteria ?? {}).flatMap(([criterion, choice]) =>
    (["chosen", "rejected"] as const).flatMap((side) => {
      const { byJudge } = pair.ratings[side] as Partial<JudgedRating>;
      const preferred = preferredBy({ choice, order: verdict.order });
      const label = preferred === "tie" ? 0.5 : preferred === side ? 1 : 0;
      return Object.entries(byJudge ?? {}).flatMap(([judge, scores]): LabelledAnchor[] => {
        const score = scores[criterion];
        return score !== undefined && "anchor" in score
          ? [{ judge, criterion, anchor: score.anchor, label }]
          : [];
      });
    }),
  );
}
