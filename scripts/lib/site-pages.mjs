import { posix } from "node:path";

/** Where a page of the repository stands on the site, or null when it has no place there. Both are paths with slashes, from their roots. */
export function sitePath(page) {
  if (page === "README.md") return "index.md";
  if (page === "extensions/vscode/README.md") return "extension.md";
  const ofPackage = /^packages\/([^/]+)\/README\.md$/.exec(page);
  if (ofPackage) return `packages/${ofPackage[1]}.md`;
  const inDocs = /^docs\/(.+\.md)$/.exec(page);
  if (inDocs) return inDocs[1].replace(/(^|\/)README\.md$/, "$1index.md");
  return /^[^/]+\.md$/.test(page) ? page.toLowerCase().replaceAll("_", "-") : null;
}

/** Where a picture of the repository stands on the site. */
export const sitePicture = (file) =>
  `images/${file.replace(/^docs\/images\//, "").replace(/\/(?:media|screenshots)(?=\/)/g, "")}`;

const isPicture = (path) => /\.(?:svg|png|jpe?g|webp|gif)$/i.test(path);

/**
 * A page of the repository as one of the site: links to pages and pictures lead to their places there, links to other files into the repository
 * where it is known (`repository`, such as https://host/owner/name) and else become plain text; comments are left out.
 * `pages` are the paths of all pages. Gives the text, the pictures that it shows, and those that it only links to.
 */
export function toSitePage(page, markdown, { pages, isFolder = () => false, repository }) {
  const here = posix.dirname(page);
  const place = posix.dirname(sitePath(page));
  const pictures = new Set();
  const linked = new Set();
  const relativeTo = (target) => {
    const path = posix.relative(place, target);
    return path.startsWith(".") ? path : `./${path}`;
  };
  const leadsTo = (link, shown = true) => {
    if (/^(?:[a-z][a-z+.-]*:|#|\/\/)/i.test(link)) return link;
    const [path, anchor] = link.split("#");
    const target = posix.join(here, decodeURI(path)).replace(/\/$/, "");
    const found = [target, `${target}/README.md`].find((it) => pages.has(it));
    if (found) return relativeTo(sitePath(found)) + (anchor ? `#${anchor}` : "");
    if (isPicture(target)) {
      (shown ? pictures : linked).add(target);
      return relativeTo(sitePicture(target));
    }
    return repository ? `${repository}/${isFolder(target) ? "tree" : "blob"}/main/${target}` : null;
  };
  const kept = [];
  const keep = (text) => `\u0000${kept.push(text) - 1}\u0000`;
  const restore = (text) => {
    let last;
    let next = text;
    do {
      last = next;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: marks that no page holds
      next = last.replace(/\u0000(\d+)\u0000/g, (_, index) => kept[Number(index)]);
    } while (next !== last);
    return next;
  };
  const text = markdown
    .replace(/^(```|~~~)[^\n]*\n[\s\S]*?^\1[^\n]*$/gm, keep)
    .replace(/^(?: {4}|\t).*$/gm, keep)
    .replace(/(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g, keep)
    .replace(/<!--[\s\S]*?-->\n?/g, "")
    .replace(/^\|.*$/gm, unbroken)
    .replace(
      /(!?)\[((?:[^[\]]|\[[^[\]]*\])*)\]\(([^)\s]+)(\s+"[^"]*")?\)/g,
      (_, mark, words, link, title) => {
        const inner = mark ? words : linksIn(words, leadsTo);
        const target = leadsTo(link, mark !== "");
        return target === null ? inner : `${mark}[${inner}](${target}${title ?? ""})`;
      },
    );
  return { text: restore(text), pictures, linked };
}

/** A row of a table whose intervals, such as [1.0, 2.0], are not broken over two lines. */
const unbroken = (row) => row.replace(/\[([+−–-]?[\d.]+), ([+−–-]?[\d.]+)\]/g, "[$1,\u00a0$2]");

/** A picture inside a link. */
const linksIn = (words, leadsTo) =>
  words.replace(/!\[([^[\]]*)\]\(([^)\s]+)\)/g, (_, alt, link) => `![${alt}](${leadsTo(link) ?? link})`);

/** The heading of a page without its marks. */
export const titleOf = (markdown, fallback) =>
  (/^# +(.+)$/m.exec(markdown)?.[1] ?? fallback).replace(/[`*]/g, "").trim();

/** Groups of navigation.mjs as a sidebar: only pages that there are, and those that no group names last. */
export function sidebarOf(groups, titles) {
  const left = new Set(titles.keys());
  const taken = groups.map(({ text, pages, under, collapsed }) => {
    const names = pages ?? [...titles.keys()].filter((page) => page.startsWith(under)).sort(readmeFirst);
    const items = names
      .filter((page) => left.delete(page))
      .map((page) => ({ text: titles.get(page), link: `/${sitePath(page).replace(/(?:index)?\.md$/, "")}` }));
    return { text, items, ...(collapsed ? { collapsed: true } : {}) };
  });
  const more = [...left].sort().map((page) => ({
    text: titles.get(page),
    link: `/${sitePath(page).replace(/(?:index)?\.md$/, "")}`,
  }));
  return [...taken, ...(more.length ? [{ text: "More", items: more }] : [])].filter(
    ({ items }) => items.length > 0,
  );
}

const readmeFirst = (a, b) =>
  Number(/^docs\/.*README\.md$/.test(b)) - Number(/^docs\/.*README\.md$/.test(a)) || a.localeCompare(b);
