import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isInside, surveyFolder, workspaceOfFile } from "@mede2/runs";
import { expect, it } from "vitest";
import { placeOfImage } from "./image-places.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "mede2-survey-")));
const file = (path: string, text = "") => {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const sha = "ab".padEnd(64, "0");

file("demo/runs/one/run.json");
file("demo/data/stage2.pairs.jsonl", "{}\n");
file("demo/data/ward.questions.jsonl", "{}\n");
file("demo/data/ward.card.md", "# card\n");
file("demo/runs/one/checkpoints/final/config.json");
file("demo/runs/one/checkpoints/final/model.safetensors");
file("node_modules/x/y.trace.jsonl");
file(`demo/.mede2/images/ab/${sha}.png`, "png");
symlinkSync(folder, join(folder, "demo/loop"));

it("finds workspaces, files with their cards, and checkpoints; not in node_modules, not through links", async () => {
  const { workspaces, files, models, cut } = await surveyFolder(folder);
  expect(workspaces).toEqual([join(folder, "demo")]);
  expect(
    files.map(({ path, record, card }) => [path.slice(folder.length + 1), record, card !== undefined]),
  ).toEqual([
    ["demo/data/stage2.pairs.jsonl", "preference-pair", false],
    ["demo/data/ward.questions.jsonl", "question", true],
  ]);
  expect(models).toEqual([join(folder, "demo/runs/one/checkpoints/final")]);
  expect(cut).toBe(false);
  expect((await surveyFolder(folder, { mostFolders: 2 })).cut).toBe(true);
});

it("knows the workspace of a file, and what lies inside", () => {
  expect(workspaceOfFile(join(folder, "demo/data/stage2.pairs.jsonl"), folder)).toBe(join(folder, "demo"));
  expect(workspaceOfFile(join(folder, "x.trace.jsonl"), folder)).toBe(folder);
  expect(isInside("/w", "/w/a")).toBe(true);
  expect(isInside("/w", "/w..x")).toBe(false);
  expect(isInside("/w", "/w/../x")).toBe(false);
  expect(isInside("/w/a", "/w/a/..b")).toBe(true);
});

it("finds a picture, and never one outside the store", () => {
  const stores = [join(folder, "demo/.mede2/images")];
  expect(placeOfImage({ sha256: sha, mime: "image/png" }, stores)).toEqual({
    found: true,
    path: join(stores[0]!, "ab", `${sha}.png`),
  });
  expect(placeOfImage({ sha256: "../../x", mime: "image/png" }, stores)).toMatchObject({ found: false });
  expect(placeOfImage({ sha256: sha, mime: "text/html" }, stores)).toMatchObject({ found: false });
  expect(placeOfImage({ sha256: sha, mime: "constructor" }, stores)).toMatchObject({ found: false });
  expect(placeOfImage({ sha256: sha, mime: "image/png" }, [])).toMatchObject({ found: false });
  writeFileSync(join(folder, "secret.png"), "secret");
  const linked = "cd".padEnd(64, "0");
  mkdirSync(join(stores[0]!, "cd"));
  symlinkSync(join(folder, "secret.png"), join(stores[0]!, "cd", `${linked}.png`));
  expect(placeOfImage({ sha256: linked, mime: "image/png" }, stores)).toMatchObject({
    found: false,
    reason: expect.stringMatching(/link/),
  });
});
