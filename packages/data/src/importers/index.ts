export { cardMarkdown } from "./card-markdown.ts";
export { chestXrayImporter } from "./chest-xray.ts";
export { type CardCounter, type CardStep, cardCounter, type DataCard } from "./data-card.ts";
export { ImportError, type ImportErrorCode, placeText, type SourcePlace } from "./import-error.ts";
export { type ImportOptions, type ImportResult, importSource } from "./import-source.ts";
export type {
  ExpectedCount,
  Importer,
  ReadOptions,
  SourceImage,
  SourcePart,
  SourceQuestion,
  SourceRow,
} from "./importer.ts";
export { listFiles } from "./list-files.ts";
export { orderOptions } from "./option-order.ts";
export { importerNamed, importers } from "./registry.ts";
export { wardImporter } from "./ward.ts";
