export { checkFilmTrace, type FilmTraceCheck, type FilmTruth } from "./check-film-trace.ts";
export { type FilmCase, filmCase } from "./film-case.ts";
export { type ChainOmissions, filmChain } from "./film-chain.ts";
export { type FilmDemonstrationOptions, filmDemonstrations, filmPassages } from "./film-demonstrations.ts";
export {
  type FilmAnswer,
  type FilmFinding,
  type FilmPart,
  type FilmRule,
  filmAnswers,
  filmFindings,
  filmOptions,
  filmRules,
  type Lobe,
} from "./film-findings.ts";
