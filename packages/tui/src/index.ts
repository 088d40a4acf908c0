export type { LaunchChoice, Launched, Launcher, LaunchField, PreparedRun } from "./data/launch.ts";
export { mostReplayed, openReplay, type Replay } from "./data/replay.ts";
export { type Action, type KeyRow, keysOf, keyTable } from "./keys/key-table.ts";
export { keysMarkdown } from "./keys/keys-markdown.ts";
export {
  type Depth,
  type Look,
  type LookSettings,
  lookOf,
  type PictureChoice,
  pictureChoices,
} from "./look/look.ts";
export { type Background, backgrounds, type ThemeName, themeNames } from "./look/theme.ts";
export { researchOnly } from "./screens/research-only.ts";
export { spokenRun } from "./screens/spoken.ts";
export { openSession, type Session, type SessionSettings } from "./session.ts";
export type { ScreenName } from "./state/ui.ts";
export type { ShowSettings, Terminal } from "./terminal/show.ts";
export { isWorkspace, type WatchSettings, watch } from "./watch.ts";
