import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { anchorOf } from "./lib/anchors.mjs";
import { filesUnder, root } from "./lib/workspace.mjs";

const isPage = (path) => path.endsWith(".md") && !path.includes("goldens");
const top = readdirSync(root).filter(isPage);
const below = ["docs", "packages", "extensions"].flatMap((folder) => filesUnder(join(root, folder), isPage));
const pages = [...top, ...below.map((path) => relative(root, path))];

/** The anchors of a page, as its headings give them. */
const anchorsOf = (page) => [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading));

test.each(pages)("links of %s lead somewhere", (page) => {
  const text = readFileSync(join(root, page), "utf8");
  const prose = text.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");
  const links = [...prose.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, link]) => link);
  const broken = links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split("#");
    const target = path ? resolve(root, dirname(page), decodeURI(path)) : join(root, page);
    if (!existsSync(target)) return true;
    return (
      Boolean(anchor) &&
      statSync(target).isFile() &&
      !anchorsOf(readFileSync(target, "utf8")).includes(anchor)
    );
  });
  expect(broken).toEqual([]);
});
