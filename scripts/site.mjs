// The documentation site: pages of docs/, READMEs and the help of every command, made into site/dist by VitePress. Its dependencies are installed in
// site/ from site/package-lock.json, apart from the workspace. Needs a build (for the help of the commands) and, the first time, the npm registry.
//   node scripts/site.mjs [build|dev|serve]     build: the default; dev: follows changes of the pages when started again
// MEDE2_SITE_BASE      the path that the site is served under, default /
// MEDE2_REPOSITORY     https://host/owner/name; default: that of the GitHub Actions job, else links to source files are left out
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { groups } from "../site/navigation.mjs";
import { changelog } from "./lib/changelog.mjs";
import { commandPage } from "./lib/command-page.mjs";
import { sidebarOf, sitePath, sitePicture, titleOf, toSitePage } from "./lib/site-pages.mjs";
import { filesUnder, packagesOf, readJson, root } from "./lib/workspace.mjs";

const site = join(root, "site");
const staged = join(site, "pages");
const windows = process.platform === "win32";

/** Installs VitePress, unless it is there as the lockfile says. */
function install() {
  const marker = join(site, "node_modules/.installed");
  const wanted = createHash("sha256")
    .update(readFileSync(join(site, "package-lock.json")))
    .digest("hex");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: site,
    stdio: ["ignore", 2, 2],
    shell: windows,
  });
  writeFileSync(marker, wanted);
}

/** Every page of the repository that the site shows, with its text. */
function pagesOfRepository() {
  const isPage = (path) => path.endsWith(".md") && !/goldens|fixtures/.test(path);
  const files = [
    ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CODE_OF_CONDUCT.md"].map((name) => join(root, name)),
    ...filesUnder(join(root, "docs"), isPage),
    ...packagesOf().map(({ dir }) => join(dir, "README.md")),
  ];
  const pages = new Map(
    files
      .filter(existsSync)
      .map((file) => [relative(root, file).replaceAll(sep, "/"), readFileSync(file, "utf8")]),
  );
  pages.set("CHANGELOG.md", changelog());
  pages.set("help.md", commandPage());
  return pages;
}

function repositoryAddress() {
  const { MEDE2_REPOSITORY, GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
  return MEDE2_REPOSITORY ?? (GITHUB_REPOSITORY ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}` : undefined);
}

const put = (path, content) => {
  mkdirSync(dirname(join(staged, path)), { recursive: true });
  writeFileSync(join(staged, path), content);
};

/** The front page: what site/home.md says, then the README from its first command on. */
const front = (readme) =>
  readFileSync(join(site, "home.md"), "utf8") + readme.slice(readme.indexOf("## Two commands"));

/** Writes the pages as the site has them, with the pictures that they show. */
function stage() {
  rmSync(staged, { recursive: true, force: true });
  const pages = pagesOfRepository();
  const repository = repositoryAddress();
  const isFolder = (path) => existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();
  const settings = { pages: new Set(pages.keys()), isFolder, repository };
  const pictures = new Map();
  for (const [page, markdown] of pages) {
    const { text, pictures: shown, linked } = toSitePage(page, markdown, settings);
    put(sitePath(page), page === "README.md" ? front(text) : text);
    for (const picture of shown) pictures.set(sitePicture(picture), picture);
    for (const picture of linked) pictures.set(`public/${sitePicture(picture)}`, picture);
  }
  for (const [path, picture] of pictures) put(path, readFileSync(join(root, picture)));
  put("public/icon.svg", readFileSync(join(root, "extensions/vscode/media/icon.svg")));
  const names = new Map(
    [...pages].map(([page, text]) => [
      page,
      page.startsWith("packages/") ? page.split("/")[1] : titleOf(text, page),
    ]),
  );
  names.set("README.md", "What it is");
  const { version } = readJson(join(root, "packages/cli/package.json"));
  put("navigation.json", JSON.stringify({ sidebar: sidebarOf(groups, names), version, repository }, null, 2));
  return pages.size;
}

const command = process.argv[2] ?? "build";
if (!["build", "dev", "serve"].includes(command)) {
  console.error(`${command}: say build, dev or serve`);
  process.exit(2);
}
install();
if (command !== "serve") console.error(`${stage()} pages`);
const vitepress = join(site, "node_modules/vitepress/bin/vitepress.js");
const env = { ...process.env, NODE_OPTIONS: "" };
const { status } = spawnSync(process.execPath, [vitepress, command, "."], {
  cwd: site,
  env,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
