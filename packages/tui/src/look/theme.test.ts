import { describe, expect, it } from "vitest";
import type { Rgb, Role } from "../text/line.ts";
import { backgrounds, type ThemeName, themes } from "./theme.ts";

const linear = (value: number) =>
  value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
const luminance = (rgb: Rgb) => {
  const [red, green, blue] = rgb.map(linear) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
/** WCAG 2.2, contrast ratio. */
const contrast = (a: Rgb, b: Rgb) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
};
const ground = { dark: [0, 0, 0], light: [255, 255, 255] } as const;

/** How linear light is seen without one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1). */
const sights: Readonly<Record<string, readonly (readonly number[])[]>> = {
  all: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};
/** CIELAB with D65 of a colour as it is seen. */
const lab = (rgb: Rgb, sight: string) => {
  const light = rgb.map(linear);
  const [r, g, b] = sights[sight]!.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, at) => sum + weight * light[at]!, 0),
      ),
    ),
  ) as [number, number, number];
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const [x, y, z] = [
    f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047),
    f(0.2126 * r + 0.7152 * g + 0.0722 * b),
    f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883),
  ];
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)] as const;
};
const difference = (a: Rgb, b: Rgb, sight: string) => {
  const [first, second] = [lab(a, sight), lab(b, sight)];
  return Math.hypot(...first.map((value, at) => value - second[at]!));
};

describe.each(backgrounds)("colours on a %s background", (background) => {
  it.each([
    ["default", 4.5],
    ["colour-blind", 4.5],
    ["high-contrast", 7],
  ] as [ThemeName, number][])("%s: are read easily", (name, least) => {
    for (const [role, paint] of Object.entries(themes[name][background]))
      if (paint?.colour !== undefined)
        expect([role, contrast(paint.colour.rgb, ground[background]) >= least]).toEqual([role, true]);
  });

  it("colour-blind: what must be told apart is, whichever cones an eye has", () => {
    const theme = themes["colour-blind"][background];
    const pairs: [Role, Role, number][] = [
      ["good", "bad", 60],
      ["chosen", "rejected", 60],
      ["good", "warn", 25],
      ["bad", "warn", 15],
    ];
    for (let one = 0; one < 4; one++)
      for (let other = one + 1; other < 4; other++)
        pairs.push([`series${one}` as Role, `series${other}` as Role, 15]);
    for (const sight of Object.keys(sights))
      for (const [one, other, least] of pairs) {
        const [a, b] = [theme[one]!.colour!.rgb, theme[other]!.colour!.rgb];
        expect([sight, one, other, difference(a, b, sight) >= least]).toEqual([sight, one, other, true]);
      }
  });
});

it("the terminal's own colour is left to text, so that it is read on any background", () => {
  for (const theme of Object.values(themes))
    for (const background of backgrounds)
      for (const role of ["text", "title"] as const) expect(theme[background][role]?.colour).toBeUndefined();
});
