import { expect, test } from "vitest";
import { sidebarOf, sitePath, sitePicture, titleOf, toSitePage } from "./lib/site-pages.mjs";

const pages = new Set(["README.md", "docs/data.md", "docs/how-to/README.md", "packages/nn/README.md"]);
const page = (from, text, more = {}) => toSitePage(from, text, { pages, ...more }).text;

test("pages have their places", () => {
  expect(sitePath("README.md")).toBe("index.md");
  expect(sitePath("docs/how-to/README.md")).toBe("how-to/index.md");
  expect(sitePath("packages/nn/README.md")).toBe("packages/nn.md");
  expect(sitePath("CODE_OF_CONDUCT.md")).toBe("code-of-conduct.md");
  expect(sitePath("packages/nn/src/index.ts")).toBeNull();
});

test("links lead to the site's pages and pictures", () => {
  expect(page("README.md", "[a](docs/data.md#import) [b](packages/nn) [c](docs/how-to)")).toBe(
    "[a](./data.md#import) [b](./packages/nn.md) [c](./how-to/index.md)",
  );
  expect(page("packages/nn/README.md", "[`x`](../../docs/data.md)")).toBe("[`x`](../data.md)");
  const shown = toSitePage(
    "docs/data.md",
    "![p](images/p.png) ![q](../extensions/vscode/media/screenshots/q.png)",
    { pages },
  );
  expect(shown.text).toBe("![p](./images/p.png) ![q](./images/extensions/vscode/q.png)");
  expect([...shown.pictures]).toEqual(["docs/images/p.png", "extensions/vscode/media/screenshots/q.png"]);
  const told = toSitePage("docs/data.md", "[p](images/p.png)", { pages });
  expect([...told.linked, ...told.pictures, told.text]).toEqual(["docs/images/p.png", "[p](./images/p.png)"]);
  expect(sitePicture("extensions/vscode/media/screenshots/q.png")).toBe("images/extensions/vscode/q.png");
});

test("a link to another file is text, or leads into the repository", () => {
  expect(page("docs/data.md", "see [`s`](../scripts/s.mjs).")).toBe("see `s`.");
  const repository = "https://host/o/n";
  expect(page("docs/data.md", "[s](../scripts/s.mjs)", { repository })).toBe(
    `[s](${repository}/blob/main/scripts/s.mjs)`,
  );
  expect(page("docs/data.md", "[s](../scripts)", { repository, isFolder: () => true })).toBe(
    `[s](${repository}/tree/main/scripts)`,
  );
});

test("code, addresses and anchors stay, comments go", () => {
  const code = "```md\n[a](../x.md) <!-- c -->\n```\n\n    [a](../x.md)\n\n`[a](../x.md)`";
  expect(page("docs/data.md", code)).toBe(code);
  expect(page("docs/data.md", "[a](https://b.c/d) [e](#f)")).toBe("[a](https://b.c/d) [e](#f)");
  expect(page("docs/data.md", "a\n<!-- b -->\nc")).toBe("a\nc");
});

test("intervals in tables stay on one line", () => {
  expect(page("docs/data.md", "| +1.0 [−0.3, +2.5] |\ntext [1, 2]")).toBe(
    "| +1.0 [−0.3,\u00a0+2.5] |\ntext [1, 2]",
  );
});

test("the sidebar has every page once", () => {
  const titles = new Map([
    ["README.md", "M"],
    ["docs/data.md", "D"],
    ["docs/how-to/a.md", "A"],
    ["docs/how-to/README.md", "H"],
    ["docs/new.md", "N"],
  ]);
  const groups = [
    { text: "Start", pages: ["README.md", "docs/data.md", "docs/none.md"] },
    { text: "Extend", under: "docs/how-to/" },
  ];
  expect(sidebarOf(groups, titles)).toEqual([
    {
      text: "Start",
      items: [
        { text: "M", link: "/" },
        { text: "D", link: "/data" },
      ],
    },
    {
      text: "Extend",
      items: [
        { text: "H", link: "/how-to/" },
        { text: "A", link: "/how-to/a" },
      ],
    },
    { text: "More", items: [{ text: "N", link: "/new" }] },
  ]);
  expect(titleOf("text\n# The `x` of *y*\n", "z")).toBe("The x of y");
});
