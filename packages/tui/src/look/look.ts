import type { Background, ThemeName } from "./theme.ts";

/** How many colours the terminal has. */
export type Depth = "none" | "16" | "256" | "rgb";

/** How the screen is drawn: everything that a screen needs to know of the terminal. */
export interface Look {
  columns: number;
  rows: number;
  theme: ThemeName;
  /** What the colours stand on. */
  background: Background;
  depth: Depth;
  /** Only ASCII reaches the terminal. */
  ascii: boolean;
  /** Pictures as pixels, by kitty's graphics protocol, or as half blocks. */
  pictures: "kitty" | "blocks";
  /** For a screen reader: sentences and lists instead of frames and charts. */
  spoken: boolean;
}

export interface LookSettings {
  theme?: ThemeName | undefined;
  /** Default: as COLORFGBG says, which many terminals set; else dark. */
  background?: Background | undefined;
  ascii?: boolean | undefined;
  spoken?: boolean | undefined;
  /** Default "auto": as the terminal says of itself. */
  pictures?: PictureChoice | undefined;
}

/** "blocks" works everywhere; "kitty" needs a terminal that knows its placeholders: kitty 0.28 and newer, ghostty; in tmux only if it lets them pass. */
export const pictureChoices = ["auto", "kitty", "blocks"] as const;
export type PictureChoice = (typeof pictureChoices)[number];

/** What the environment says: NO_COLOR (no-color.org), COLORTERM, TERM, COLORFGBG, and the character set of LC_ALL, LC_CTYPE or LANG. */
export function lookOf(
  settings: LookSettings,
  env: NodeJS.ProcessEnv,
  size: { columns: number; rows: number },
): Look {
  const { theme = "default", spoken = false } = settings;
  const [depth, ascii] = [depthOf(env), settings.ascii ?? !speaksUtf8(env)];
  const drawn = !ascii && !spoken && (depth === "rgb" || depth === "256");
  return {
    ...size,
    theme: env.NO_COLOR ? "mono" : theme,
    background: settings.background ?? backgroundOf(env),
    ...{ depth, ascii, spoken },
    pictures: drawn && wantsKitty(settings.pictures ?? "auto", env) ? "kitty" : "blocks",
  };
}

function wantsKitty(choice: PictureChoice, env: NodeJS.ProcessEnv): boolean {
  if (choice !== "auto") return choice === "kitty";
  if (env.TMUX || env.STY || /^(?:tmux|screen)/.test(env.TERM ?? "")) return false;
  return /kitty|ghostty/.test(env.TERM ?? "") || env.TERM_PROGRAM === "ghostty" || !!env.KITTY_WINDOW_ID;
}

/** COLORFGBG is "text;background" in the 16 colours: 7 and 15 are light. */
const backgroundOf = ({ COLORFGBG }: NodeJS.ProcessEnv): Background =>
  /;(?:7|15)$/.test(COLORFGBG ?? "") ? "light" : "dark";

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
