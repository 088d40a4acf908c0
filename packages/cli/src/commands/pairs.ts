import type { Command } from "commander";
import { addGroup, type Context } from "../command.ts";
import { addPairsAudit } from "./pairs-audit.ts";
import { addPairsBest } from "./pairs-best.ts";
import { addPairsBuild } from "./pairs-build.ts";
import { addPairsExport } from "./pairs-export.ts";
import { addPairsScore } from "./pairs-score.ts";

export function addPairs(program: Command, context: Context): void {
  const pairs = addGroup(
    program,
    "pairs",
    "score answers by the multimodal medical reasoning preference, and pair them",
  );
  addPairsScore(pairs, context);
  addPairsBuild(pairs, context);
  addPairsBest(pairs, context);
  addPairsAudit(pairs, context);
  addPairsExport(pairs, context);
}
