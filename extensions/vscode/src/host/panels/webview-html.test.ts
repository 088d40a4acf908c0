import { expect, it } from "vitest";
import { webviewHtml } from "./webview-html.ts";

const page = {
  title: "</title><script>alert(1)</script>",
  nonce: "n0",
  source: "https://x.test",
  script: "a.js",
  styles: ['b.css"><script>'],
  language: "en",
};

it("allows nothing inline and no network", () => {
  const html = webviewHtml(page);
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)![1]!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'nonce-n0'");
  expect(policy).not.toMatch(/unsafe|connect-src|\*|data:|blob:/);
});

it("escapes what is not ours", () => {
  expect(webviewHtml(page).match(/<script/g)).toHaveLength(1);
});
