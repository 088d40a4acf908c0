import type { Rgb, Role } from "../text/line.ts";

/** A colour for terminals of each depth: 24 bits, 256 colours, 16 colours (SGR numbers 30–37, 90–97). Without one it is the terminal's own. */
export interface Paint {
  colour?: { rgb: Rgb; ansi: number };
  bold?: boolean;
}

/** Undefined: as the terminal writes text. */
export type Theme = Readonly<Record<Role, Paint | undefined>>;
export type ThemeName = "default" | "colour-blind" | "high-contrast" | "mono";
export type Background = "dark" | "light";

const paint = (rgb: Rgb, ansi: number, bold = false): Paint => ({
  colour: { rgb, ansi },
  ...(bold && { bold }),
});
const strong: Paint = { bold: true };
const plain = { text: undefined, title: strong };

const standard: Theme = {
  ...plain,
  dim: paint([140, 140, 140], 90),
  frame: paint([140, 140, 140], 90),
  good: paint([95, 200, 115], 32),
  warn: paint([235, 185, 70], 33),
  bad: paint([245, 95, 90], 91),
  accent: paint([90, 185, 240], 36),
  series0: paint([90, 185, 240], 36),
  series1: paint([240, 165, 75], 33),
  series2: paint([190, 140, 240], 35),
  series3: paint([110, 205, 130], 32),
  chosen: paint([95, 200, 115], 32),
  rejected: paint([240, 130, 110], 91),
};

const standardLight: Theme = {
  ...plain,
  dim: paint([105, 105, 105], 90),
  frame: paint([105, 105, 105], 90),
  good: paint([0, 115, 50], 32),
  warn: paint([140, 90, 0], 33),
  bad: paint([190, 25, 25], 31),
  accent: paint([0, 95, 175], 34),
  series0: paint([0, 95, 175], 34),
  series1: paint([165, 80, 0], 33),
  series2: paint([120, 50, 170], 35),
  series3: paint([0, 120, 60], 32),
  chosen: paint([0, 115, 50], 32),
  rejected: paint([180, 50, 20], 31),
};

/** Colours that stay apart for every common kind of colour blindness: Okabe and Ito, Color Universal Design, 2008. Good and bad are blue and orange. */
const colourBlind: Theme = {
  ...standard,
  good: paint([86, 180, 233], 36),
  warn: paint([240, 228, 66], 93),
  bad: paint([230, 159, 0], 33, true),
  accent: paint([86, 180, 233], 36),
  series0: paint([86, 180, 233], 36),
  series1: paint([230, 159, 0], 33),
  series2: paint([204, 121, 167], 95),
  series3: paint([240, 228, 66], 93),
  chosen: paint([86, 180, 233], 36),
  rejected: paint([230, 159, 0], 33),
};

/** The same idea in dark colours, which differ in lightness, too. */
const colourBlindLight: Theme = {
  ...standardLight,
  good: paint([0, 105, 170], 34),
  warn: paint([110, 0, 95], 35),
  bad: paint([180, 80, 0], 33, true),
  accent: paint([0, 105, 170], 34),
  series0: paint([0, 105, 170], 34),
  series1: paint([180, 80, 0], 33),
  series2: paint([110, 0, 95], 35),
  series3: paint([60, 60, 60], 30),
  chosen: paint([0, 105, 170], 34),
  rejected: paint([180, 80, 0], 33),
};

/** Nothing faint: text as the terminal writes it, colours bold and with at least 7:1 to the background. */
const highContrast: Theme = {
  ...{ ...plain, dim: undefined, frame: undefined },
  good: paint([80, 255, 120], 92, true),
  warn: paint([255, 255, 0], 93, true),
  bad: paint([255, 150, 150], 91, true),
  accent: paint([0, 255, 255], 96, true),
  series0: paint([0, 255, 255], 96),
  series1: paint([255, 255, 0], 93),
  series2: paint([255, 170, 255], 95),
  series3: paint([80, 255, 120], 92),
  chosen: paint([80, 255, 120], 92, true),
  rejected: paint([255, 255, 0], 93, true),
};

const highContrastLight: Theme = {
  ...{ ...plain, dim: undefined, frame: undefined },
  good: paint([0, 80, 30], 32, true),
  warn: paint([95, 60, 0], 33, true),
  bad: paint([140, 0, 0], 31, true),
  accent: paint([0, 60, 130], 34, true),
  series0: paint([0, 60, 130], 34),
  series1: paint([110, 50, 0], 33),
  series2: paint([95, 0, 130], 35),
  series3: paint([0, 80, 30], 32),
  chosen: paint([0, 80, 30], 32, true),
  rejected: paint([110, 50, 0], 33, true),
};

const mono = {
  ...Object.fromEntries(Object.keys(standard).map((role) => [role, undefined])),
  title: strong,
} as Theme;

export const themes: Readonly<Record<ThemeName, Readonly<Record<Background, Theme>>>> = {
  default: { dark: standard, light: standardLight },
  "colour-blind": { dark: colourBlind, light: colourBlindLight },
  "high-contrast": { dark: highContrast, light: highContrastLight },
  mono: { dark: mono, light: mono },
};
export const themeNames = Object.keys(themes) as ThemeName[];
export const backgrounds = ["dark", "light"] as const satisfies readonly Background[];
