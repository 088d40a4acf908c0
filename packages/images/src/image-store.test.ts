import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { type ImageStore, openImageStore } from "./image-store.ts";

const png = new Uint8Array(readFileSync(new URL("../test/goldens/rgb.png", import.meta.url)));
let store: ImageStore;
beforeEach(() => {
  store = openImageStore(join(mkdtempSync(join(tmpdir(), "images-")), "store"));
});

it("keeps a file under its hash and gives it back", async () => {
  const ref = await store.put(png, "frontal");
  expect(ref).toMatchObject({ mime: "image/png", width: 5, height: 3, role: "frontal" });
  expect(store.path(ref)).toBe(join(store.folder, ref.sha256.slice(0, 2), `${ref.sha256}.png`));
  expect(await store.put(png)).not.toHaveProperty("role");
  expect(store.has(ref.sha256)).toBe(true);
  expect(store.has("0".repeat(64))).toBe(false);
  expect([...(await store.read(ref))]).toEqual([...png]);
  expect(await store.pixels(ref)).toMatchObject({ width: 5, height: 3, channels: 3 });
});

it("takes the same file from many writers at once and leaves nothing else", async () => {
  const refs = await Promise.all(Array.from({ length: 20 }, () => openImageStore(store.folder).put(png)));
  expect(new Set(refs.map((ref) => ref.sha256)).size).toBe(1);
  expect(readdirSync(join(store.folder, refs[0]!.sha256.slice(0, 2)))).toEqual([`${refs[0]!.sha256}.png`]);
});

it("notices changed, missing and half-written files", async () => {
  const ref = await store.put(png);
  const path = store.path(ref);
  const changed = png.slice();
  changed[60]! ^= 1;
  writeFileSync(path, changed);
  await expect(store.read(ref)).rejects.toMatchObject({ code: "IMAGE_CORRUPT" });
  writeFileSync(path, png.subarray(0, 20));
  await store.put(png);
  expect([...(await store.read(ref))]).toEqual([...png]);
  await expect(store.read({ ...ref, sha256: "1".repeat(64) })).rejects.toMatchObject({
    code: "IMAGE_MISSING",
  });
});

it("never leaves its folder", async () => {
  const ref = await store.put(png);
  for (const sha256 of [
    "../../etc/passwd",
    `../${ref.sha256}`,
    ref.sha256.toUpperCase(),
    `${ref.sha256}\n`,
    "",
  ])
    expect(() => store.path({ ...ref, sha256 })).toThrowError(/no reference/);
  for (const mime of ["image/../../x", "__proto__", "image/svg+xml"])
    expect(() => store.path({ ...ref, mime })).toThrowError(/no reference/);
  await expect(store.read({ ...ref, sha256: "../x" })).rejects.toMatchObject({
    code: "IMAGE_REFERENCE_INVALID",
  });
  await expect(store.put(Buffer.from("no image"))).rejects.toMatchObject({
    code: "IMAGE_FORMAT_UNSUPPORTED",
  });
});
