import { chestXrayImporter } from "./chest-xray.ts";
import { huatuoO1Importer } from "./huatuo-o1.ts";
import { ImportError } from "./import-error.ts";
import type { Importer } from "./importer.ts";
import { medbulletsImporter } from "./medbullets.ts";
import { medcalcImporter } from "./medcalc.ts";
import { medmcqaImporter } from "./medmcqa.ts";
import { medqaImporter } from "./medqa.ts";
import { medxpertqaImporter } from "./medxpertqa.ts";
import { mmedpoImporter } from "./mmedpo.ts";
import { mmluMedicalImporter } from "./mmlu-medical.ts";
import { mmmuImporter } from "./mmmu.ts";
import { mmmuProImporter } from "./mmmu-pro.ts";
import { omnimedvqaImporter } from "./omnimedvqa.ts";
import { openstaxImporter } from "./openstax.ts";
import { pathVqaImporter } from "./path-vqa.ts";
import { pmcVqaImporter } from "./pmc-vqa.ts";
import { pubmedqaImporter } from "./pubmedqa.ts";
import { slakeImporter } from "./slake.ts";
import { vqaRadImporter } from "./vqa-rad.ts";
import { wardImporter } from "./ward.ts";

/** Every source that can be imported by name; any other is read by a mapping (`genericImporter`). */
export const importers: readonly Importer[] = [
  medqaImporter,
  medmcqaImporter,
  pubmedqaImporter,
  medbulletsImporter,
  medxpertqaImporter,
  mmluMedicalImporter,
  mmmuImporter,
  mmmuProImporter,
  vqaRadImporter,
  slakeImporter,
  pathVqaImporter,
  pmcVqaImporter,
  omnimedvqaImporter,
  chestXrayImporter,
  openstaxImporter,
  huatuoO1Importer,
  medcalcImporter,
  mmedpoImporter,
  wardImporter,
];

/** The importer of this name. Throws `IMPORT_SOURCE_UNKNOWN` with the names that there are. */
export function importerNamed(name: string): Importer {
  const found = importers.find((importer) => importer.name === name);
  if (found !== undefined) return found;
  throw new ImportError(
    "IMPORT_SOURCE_UNKNOWN",
    `there is no importer ${JSON.stringify(name)}; known are ${importers.map((importer) => importer.name).join(", ")}, and generic with a mapping.`,
  );
}
