import type { Rgb, Role } from "../text/line.ts";

/** A colour for terminals of each depth: 24 bits, 256 colours, 16 colours (SGR numbers 30–37, 90–97). */
export interface Paint {
  rgb: Rgb;
  ansi: number;
  bold?: boolean;
  /** Fainter than the terminal's own text. */
  dim?: boolean;
}

/** Undefined: the terminal's own colour. */
export type Theme = Readonly<Record<Role, Paint | undefined>>;
export type ThemeName = "default" | "colour-blind" | "high-contrast" | "mono";

const paint = (rgb: Rgb, ansi: number, more: Partial<Paint> = {}): Paint => ({ rgb, ansi, ...more });
const faint: Paint = { rgb: [140, 140, 140], ansi: 90 };

const standard: Theme = {
  ...{ text: undefined, dim: faint, frame: faint },
  title: paint([230, 230, 230], 97, { bold: true }),
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

/** Colours that stay apart for every common kind of colour blindness: Okabe and Ito, Color Universal Design, 2008. Good and bad are blue and orange. */
const colourBlind: Theme = {
  ...standard,
  good: paint([86, 180, 233], 36),
  warn: paint([240, 228, 66], 93),
  bad: paint([230, 159, 0], 33, { bold: true }),
  accent: paint([86, 180, 233], 36),
  series0: paint([86, 180, 233], 36),
  series1: paint([230, 159, 0], 33),
  series2: paint([204, 121, 167], 95),
  series3: paint([240, 228, 66], 93),
  chosen: paint([86, 180, 233], 36),
  rejected: paint([230, 159, 0], 33),
};

/** Nothing faint; bright and bold, each with at least 7:1 on black. */
const highContrast: Theme = {
  text: paint([255, 255, 255], 97),
  dim: paint([255, 255, 255], 97),
  frame: paint([255, 255, 255], 97),
  title: paint([255, 255, 255], 97, { bold: true }),
  good: paint([80, 255, 120], 92, { bold: true }),
  warn: paint([255, 255, 0], 93, { bold: true }),
  bad: paint([255, 150, 150], 91, { bold: true }),
  accent: paint([0, 255, 255], 96, { bold: true }),
  series0: paint([0, 255, 255], 96),
  series1: paint([255, 255, 0], 93),
  series2: paint([255, 170, 255], 95),
  series3: paint([80, 255, 120], 92),
  chosen: paint([80, 255, 120], 92, { bold: true }),
  rejected: paint([255, 255, 0], 93, { bold: true }),
};

const mono = Object.fromEntries(Object.keys(standard).map((role) => [role, undefined])) as Theme;

export const themes: Readonly<Record<ThemeName, Theme>> = {
  default: standard,
  "colour-blind": colourBlind,
  "high-contrast": highContrast,
  mono: { ...mono, title: { rgb: [255, 255, 255], ansi: 39, bold: true } },
};
export const themeNames = Object.keys(themes) as ThemeName[];
