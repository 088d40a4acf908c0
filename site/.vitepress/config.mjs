import { readFileSync } from "node:fs";
import { defineConfig } from "vitepress";
import { anchorOf } from "../../scripts/lib/anchors.mjs";

const { sidebar, version, repository } = JSON.parse(
  readFileSync(new URL("../pages/navigation.json", import.meta.url), "utf8"),
);

export default defineConfig({
  title: "MedE²",
  description: "Medical reasoning for vision-language models, in two stages, in TypeScript",
  srcDir: "pages",
  outDir: "dist",
  base: process.env.MEDE2_SITE_BASE ?? "/",
  cleanUrls: false, // works on any server of files
  lastUpdated: false,
  ignoreDeadLinks: false,
  markdown: {
    anchor: { slugify: anchorOf },
    config: (md) => md.set({ html: false }), // pages are text: <think> is a word
    lineNumbers: false,
  },
  head: [
    ["link", { rel: "icon", type: "image/svg+xml", href: `${process.env.MEDE2_SITE_BASE ?? "/"}icon.svg` }],
  ],
  themeConfig: {
    logo: "/icon.svg",
    search: { provider: "local" },
    outline: { level: [2, 3] },
    externalLinkIcon: false,
    nav: [
      { text: "Tutorial", link: "/tutorial" },
      { text: "Options", link: "/help" },
      { text: "Records", link: "/records" },
      { text: "Experiments", link: "/experiments" },
      { text: version, link: "/changelog" },
    ],
    sidebar,
    ...(repository ? { socialLinks: [{ icon: "github", link: repository }] } : {}),
    footer: {
      message:
        "A research tool, not a medical device. Nothing that it trains may be used for decisions about patients.",
      copyright: "Apache-2.0",
    },
  },
});
