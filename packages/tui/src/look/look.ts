import type { ThemeName } from "./theme.ts";

/** How many colours the terminal has. */
export type Depth = "none" | "16" | "256" | "rgb";

/** How the screen is drawn: everything that a screen needs to know of the terminal. */
export interface Look {
  columns: number;
  rows: number;
  theme: ThemeName;
  depth: Depth;
  /** Only ASCII reaches the terminal. */
  ascii: boolean;
  /** For a screen reader: sentences and lists instead of frames and charts. */
  spoken: boolean;
}

export interface LookSettings {
  theme?: ThemeName | undefined;
  ascii?: boolean | undefined;
  spoken?: boolean | undefined;
}

/** What the environment says: NO_COLOR (no-color.org), COLORTERM, TERM, and the character set of LC_ALL, LC_CTYPE or LANG. */
export function lookOf(
  settings: LookSettings,
  env: NodeJS.ProcessEnv,
  size: { columns: number; rows: number },
): Look {
  const { theme = "default", spoken = false } = settings;
  return {
    ...size,
    theme: env.NO_COLOR ? "mono" : theme,
    depth: depthOf(env),
    ascii: settings.ascii ?? !speaksUtf8(env),
    spoken,
  };
}

function depthOf(env: NodeJS.ProcessEnv): Depth {
  if (env.NO_COLOR || env.TERM === "dumb") return "none";
  if (/truecolor|24bit/i.test(env.COLORTERM ?? "")) return "rgb";
  return /256|kitty|alacritty|ghostty|direct/.test(env.TERM ?? "") ? "256" : "16";
}

/** Of the first that is set; nothing set counts as a modern terminal. */
function speaksUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG;
  if (locale === undefined || locale === "") return env.TERM !== "linux";
  return /utf-?8/i.test(locale) || !/^(?:C|POSIX)$|\./.test(locale);
}
