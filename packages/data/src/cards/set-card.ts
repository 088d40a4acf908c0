import type { CardStep, DataCard } from "../importers/data-card.ts";

/** The card that lies beside a set that was made from others, as JSON and as Markdown. Nothing in it depends on the clock or the machine. */
export interface SetCard {
  card: 1;
  kind: "curated" | "demonstrations";
  title: string;
  /** sha256 of the plan's canonical JSON. */
  plan: string;
  seed: number;
  file: { name: string; count: number; bytes: number; sha256: string };
  /** Everything that was read. */
  inputs: { path: string; sha256: string; role: string }[];
  /** Each rule in one sentence, in the order in which they act. */
  rules: { name: string; about: string }[];
  steps: CardStep[];
  /** The first records of each reason. */
  examples: DataCard["examples"];
  /** For each axis: what could be chosen of each value, and what was. */
  balance: Record<string, Record<string, { available: number; chosen: number }>>;
  images: DataCard["images"];
  patients: DataCard["patients"];
  histograms: Record<string, Record<string, number>>;
  /** What a reader must know: rules that were not applied, pictures that nobody read. */
  caveats: string[];
}
