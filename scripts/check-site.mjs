// Builds the documentation site and looks at what came out: every link, picture and anchor leads to something that is there, every picture says
// what it shows, every page is in the sidebar, and nothing is loaded from elsewhere.
//   node scripts/check-site.mjs [--built]      --built: looks at site/dist as it is
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";
import { closingLine } from "./lib/counts.mjs";
import { attributesOf, idsOf } from "./lib/html.mjs";
import { checker } from "./lib/pack.mjs";
import { filesUnder, root } from "./lib/workspace.mjs";

const { check, counts } = checker();
const dist = join(root, "site/dist");
const base = process.env.MEDE2_SITE_BASE ?? "/";

if (!process.argv.includes("--built"))
  await check("the site builds", () => {
    const { status } = spawnSync(process.execPath, [join(root, "scripts/site.mjs")], {
      stdio: ["ignore", 2, 2],
    });
    if (status !== 0) throw new Error(`node scripts/site.mjs ended with ${status}`);
  });

const every = (path) => path.endsWith(".html");
const pages = new Map(
  (existsSync(dist) ? filesIn(dist) : []).map((path) => [path, readFileSync(join(dist, path), "utf8")]),
);

/** `filesUnder` leaves folders called dist out, but not the one it starts in. */
function filesIn(folder) {
  return filesUnder(folder, every).map((path) => relative(folder, path).replaceAll(sep, "/"));
}

/** The file that an address of the site names, and its anchor. */
function target(page, address) {
  const [path, anchor] = address.split("#");
  const inside = path.startsWith("/") ? path.slice(base.length) : posix.join(posix.dirname(page), path);
  const file = path === "" ? page : decodeURIComponent(inside);
  return { file: file === "" || file.endsWith("/") ? `${file}index.html` : file, anchor };
}

function faultsOf(page, html) {
  const faults = [];
  for (const { name, value } of attributesOf(html, ["href", "src"])) {
    if (/^(?:https?:|mailto:|data:)/.test(value)) {
      if (name === "src" && !value.startsWith("data:image/")) faults.push(`loads ${value}`); // small pictures lie in the page
      continue;
    }
    const { file, anchor } = target(page, value);
    if (!existsSync(join(dist, file))) faults.push(`${value} leads nowhere`);
    else if (
      anchor &&
      file.endsWith(".html") &&
      !idsOf(pages.get(file) ?? "").has(decodeURIComponent(anchor))
    )
      faults.push(`${value}: there is no such heading`);
  }
  for (const [tag] of html.matchAll(/<img\b[^>]*>/g))
    if (!/\balt="[^"]+"/.test(tag) && !/class="[^"]*logo/.test(tag))
      faults.push(`a picture without a text: ${tag}`);
  return faults;
}

await check(`${pages.size} pages`, () => {
  if (pages.size < 40) throw new Error("fewer than there are");
});
for (const [page, html] of pages)
  if (page !== "404.html")
    await check(page, () => {
      const faults = faultsOf(page, html);
      if (faults.length) throw new Error([...new Set(faults)].join("\n"));
    });
await check("every page is in the sidebar", () => {
  const front = pages.get("tutorial.html") ?? "";
  const listed = new Set(
    attributesOf(front, ["href"])
      .filter(({ value }) => value.startsWith("/"))
      .map(({ value }) => target("index.html", value).file),
  );
  const missing = [...pages.keys()].filter((page) => page !== "404.html" && !listed.has(page));
  if (missing.length) throw new Error(missing.join(", "));
});
console.log(closingLine(counts));
process.exitCode = counts.failed ? 1 : 0;
