// How fast and in how much memory traces are scored, on one core: see docs/experiments-mmrp.md. Needs a built workspace.
//   node packages/preference/scripts/throughput.mjs [--traces N] [--records N]
// --traces: so many traces of the ward by each built-in rubric; --records: so many candidates streamed through file to file.
import { existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { candidatesSchema, readJsonl, writeJsonlAtomic } from "../../schemas/dist/index.js";
import { buildPairsFile, builtInRubrics, scoreCandidates, scoreTrace } from "../dist/index.js";
import { wardOriginals } from "./validity/originals.mjs";

const { values } = parseArgs({
  options: { traces: { type: "string", default: "20000" }, records: { type: "string", default: "0" } },
});
const originals = wardOriginals(0, 500);
/** Seconds of this process's CPU, since a shared machine's clock says little. */
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const wanted = Number(values.traces);
for (const [name, rubric] of Object.entries(builtInRubrics)) {
  for (const { question, trace } of originals) scoreTrace({ question, trace }, rubric);
  const started = cpu();
  for (let at = 0; at < wanted; at++) {
    const { question, trace } = originals[at % originals.length];
    scoreTrace({ question, trace }, rubric);
  }
  console.log(
    JSON.stringify({
      rubric: name,
      traces: wanted,
      tracesPerCpuSecond: Math.round(wanted / (cpu() - started)),
    }),
  );
}

const records = Number(values.records);
if (records > 0) {
  const from = join(tmpdir(), `mede2-throughput-${process.pid}.candidates.jsonl`);
  const [rated, pairs] = [
    from.replace(".candidates", ".rated.candidates"),
    from.replace(".candidates", ".pairs"),
  ];
  const memory = [];
  const watch = setInterval(() => memory.push(process.memoryUsage().rss), 500);
  async function* made() {
    for (let at = 0; at < records; at++) {
      const { question, trace, paraphrase } = originals[at % originals.length];
      const id = `${question.id}-${at}`;
      const asked = { ...question, id, group: { ...question.group, case: id } };
      yield {
        record: "candidates",
        v: 1,
        question: asked,
        traces: [trace, paraphrase].map((one) => ({ ...one, questionId: id })),
        ratings: [],
      };
    }
  }
  const started = cpu();
  // no file before the rated one: the traces come from memory, so that the disk holds one copy only
  await writeJsonlAtomic(rated, scoreCandidates(made()));
  const scored = cpu() - started;
  const afterScore = memory.splice(0);
  const { statistics } = await buildPairsFile(
    { candidates: rated, out: pairs },
    { bothRightShare: 0, margin: 0 },
  );
  clearInterval(watch);
  let count = 0;
  if (records <= 10_000) for await (const _ of readJsonl(rated, candidatesSchema)) count += 1;
  const most = (list) => Math.round(Math.max(0, ...list) / 2 ** 20);
  console.log(
    JSON.stringify({
      records,
      cpuSeconds: Math.round(scored),
      rssMiB: {
        scoreFirstTenth: most(afterScore.slice(0, Math.ceil(afterScore.length / 10))),
        score: most(afterScore),
        build: most(memory),
      },
      pairs: statistics.pairs,
      ...(count > 0 && { read: count }),
    }),
  );
  for (const path of [from, rated, pairs]) if (existsSync(path)) rmSync(path);
}
