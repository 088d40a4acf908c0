export type { SetCard } from "./set-card.ts";
export { setCardMarkdown } from "./set-card-markdown.ts";
