import { chestXrayImporter } from "./chest-xray.ts";
import { ImportError } from "./import-error.ts";
import type { Importer } from "./importer.ts";
import { wardImporter } from "./ward.ts";

/** Every source that can be imported by name. */
export const importers: readonly Importer[] = [chestXrayImporter, wardImporter];

/** The importer of this name. Throws `IMPORT_SOURCE_UNKNOWN` with the names that there are. */
export function importerNamed(name: string): Importer {
  const found = importers.find((importer) => importer.name === name);
  if (found !== undefined) return found;
  throw new ImportError(
    "IMPORT_SOURCE_UNKNOWN",
    `there is no importer ${JSON.stringify(name)}; known are ${importers.map((importer) => importer.name).join(", ")}.`,
  );
}
