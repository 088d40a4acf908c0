// Outside engines for real, on a CPU: ms-swift and TRL train a tiny model of the Qwen2.5-VL architecture with the published token ids, from emitted files, through the
// command line, below a path with a hostile name. Needs bash, Python and a built workspace; makes the two Python environments first.
//   node scripts/check-engines.mjs [--keep DIR] [--only arguments,memory,stage1,resume,stage2,curves,evaluation,reference,missing,two,slurm,full,internvl]
// All parts but `arguments`, `memory`, `full` and `internvl` go on from the checkpoint of stage1, evaluation from that of stage2: with --keep they find those of an earlier call. Prints one line a check and ends with 1 if one fails.
import { checkArguments } from "./engines/arguments.mjs";
import { evaluating } from "./engines/evaluating.mjs";
import { faults } from "./engines/faults.mjs";
import { learning } from "./engines/learning.mjs";
import { checkMemory } from "./engines/memory.mjs";
import { openWorkshop } from "./engines/workshop.mjs";

const option = (name) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const { stage1, resume, stage2, curves, full, internvl } = learning;
const { reference, missing, two, slurm } = faults;
const parts = {
  ...{
    arguments: checkArguments,
    memory: checkMemory,
    stage1,
    resume,
    stage2,
    curves,
    evaluation: evaluating,
  },
  ...{ reference, missing, two, slurm, full, internvl },
};
const only = option("only")?.split(",") ?? Object.keys(parts);
const unknown = only.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  console.error(`there is no part ${unknown}; say some of ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

const workshop = await openWorkshop(option("keep"));
for (const [name, run] of Object.entries(parts)) {
  if (!only.includes(name)) continue;
  const started = Date.now();
  try {
    await run(workshop);
  } catch (error) {
    workshop.check(name, false, error.stack ?? String(error));
  }
  console.log(`     ${name}: ${Math.round((Date.now() - started) / 1000)} s`);
}
workshop.close();
const { passed, failed, skipped } = workshop.counts;
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
