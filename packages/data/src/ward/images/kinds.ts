/**
 * Every kind of picture in the ward, its findings and the modifiers of each. `right` and `left` are the patient's:
 * on a film the patient's right is on the viewer's left.
 */
export const wardImageKinds = {
  film: {
    consolidation: ["right", "left"],
    effusion: ["right", "left"],
    cardiomegaly: ["mild", "marked"],
    nodules: ["few", "many"],
  },
  strip: {
    "st-elevation": ["mild", "marked"],
    "peaked-t": ["mild", "marked"],
    "irregular-rhythm": ["slow", "fast"],
    "wide-qrs": ["mild", "marked"],
  },
  smear: {
    fragments: ["few", "many"],
    spherocytes: ["few", "many"],
    blasts: ["few", "many"],
    targets: ["few", "many"],
  },
  fundus: {
    haemorrhages: ["upper", "lower"],
    "cotton-wool": ["upper", "lower"],
    "disc-swelling": ["mild", "marked"],
    exudates: ["upper", "lower"],
  },
} as const;

type Table = typeof wardImageKinds;

export type WardImageKind = keyof Table;

/** The findings of a kind of picture, or of all kinds. */
export type WardFinding<K extends WardImageKind = WardImageKind> = K extends unknown
  ? keyof Table[K] & string
  : never;

/** What a picture shows: the same specification always gives the same pixels. */
export type WardImageSpec = {
  [K in WardImageKind]: {
    [F in keyof Table[K]]: {
      kind: K;
      finding: F;
      modifier: Table[K][F] extends readonly (infer M)[] ? M : never;
      /** A whole number from 0 to 2^53 − 1. */
      seed: number;
    };
  }[keyof Table[K]];
}[WardImageKind];

/** The specification without its seed. */
export type WardAppearance = WardImageSpec extends infer S
  ? S extends unknown
    ? Omit<S, "seed">
    : never
  : never;

/** Every (kind, finding, modifier) of the table, in its order: 32 of them. */
export function wardAppearances(): WardAppearance[] {
  return Object.entries(wardImageKinds).flatMap(([kind, findings]) =>
    Object.entries(findings).flatMap(([finding, modifiers]) =>
      (modifiers as readonly string[]).map((modifier) => ({ kind, finding, modifier }) as WardAppearance),
    ),
  );
}
