export { cardMarkdown } from "./card-markdown.ts";
export { chestXrayImporter } from "./chest-xray.ts";
export { type CardCounter, type CardStep, cardCounter, type DataCard } from "./data-card.ts";
export { genericImporter } from "./generic.ts";
export { ImportError, type ImportErrorCode, placeText, type SourcePlace } from "./import-error.ts";
export { type ImportOptions, type ImportResult, importSource } from "./import-source.ts";
export type {
  DroppedRow,
  ExpectedCount,
  Importer,
  PassageRow,
  QuestionRow,
  ReadOptions,
  SourceImage,
  SourcePart,
  SourcePassage,
  SourceQuestion,
  SourceRow,
} from "./importer.ts";
export { listFiles } from "./list-files.ts";
export { checkMapping, type Mapping, type MappingInput, mappingSchema, readMapping } from "./mapping.ts";
export { orderOptions } from "./option-order.ts";
export { importerNamed, importers } from "./registry.ts";
export { isHeldOutImage } from "./vqa-rad-held-out.ts";
export { wardImporter } from "./ward.ts";
