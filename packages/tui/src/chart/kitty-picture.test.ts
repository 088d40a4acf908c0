import { inflateSync } from "node:zlib";
import { expect, it } from "vitest";
import type { Look } from "../look/look.ts";
import { lookOf } from "../look/look.ts";
import { paintLines } from "../look/paint.ts";
import { lineCells } from "../text/line.ts";
import { visible } from "../text/visible.ts";
import { mostPictureRows, openKittyPictures, placeholder, transmission } from "./kitty-picture.ts";

/** A terminal's side of the protocol: pictures by their number, as pixels. */
function terminal() {
  const pictures = new Map<
    number,
    { width: number; height: number; columns: number; rows: number; pixels: Buffer }
  >();
  let [written, open] = ["", { id: 0, keys: {} as Record<string, string>, data: "" }];
  const write = (text: string) => {
    written += text;
    const sequences = text.split("\u001b\\").slice(0, -1);
    expect(text.endsWith("\u001b\\")).toBe(true); // nothing but whole sequences
    for (const sequence of sequences) {
      expect(sequence.startsWith("\u001b_G")).toBe(true);
      const [head = "", data = ""] = sequence.slice(3).split(";");
      expect(head).toMatch(/^[\w=,]+$/);
      const keys = Object.fromEntries(head.split(",").map((pair) => pair.split("=") as [string, string]));
      expect(keys.q).toBe("2"); // the terminal must not answer into our keys
      expect(data).toMatch(/^[A-Za-z0-9+/=]{0,4096}$/);
      if (keys.a === "d") {
        pictures.delete(Number(keys.i));
        continue;
      }
      if (keys.a === "T") open = { id: Number(keys.i), keys, data: "" };
      open.data += data;
      if (keys.m === "1") continue;
      const { s, v, c, r, U, f } = open.keys;
      expect([U, f]).toEqual(["1", "24"]);
      pictures.set(open.id, {
        ...{ width: Number(s), height: Number(v), columns: Number(c), rows: Number(r) },
        pixels: inflateSync(Buffer.from(open.data, "base64")),
      });
    }
  };
  return { write, pictures, written: () => written };
}

const gradient = (width: number, height: number) => ({
  ...{ width, height, channels: 1 as const },
  data: Uint8Array.from({ length: width * height }, (_, at) => (at * 7) % 251),
});
const look: Look = {
  ...{ columns: 30, rows: 10, theme: "default", depth: "rgb", ascii: false, spoken: false },
  ...{ pictures: "kitty", background: "dark" },
};

it("hands over the decoded pixels once, in sequences that hold nothing but base64", () => {
  const fake = terminal();
  const pictures = openKittyPictures(fake.write, { first: 0x123456, tmux: false });
  const picture = gradient(112, 112);
  const lines = pictures.lines("a", picture, { columns: 20, rows: 8 });
  expect(lines).toHaveLength(8);
  expect(lines.every((line) => lineCells(line) === 16)).toBe(true);
  const [[id, held]] = [...fake.pictures] as [[number, NonNullable<ReturnType<typeof fake.pictures.get>>]];
  expect(held).toMatchObject({ width: 112, height: 112, columns: 16, rows: 8 });
  expect([...held.pixels.subarray(0, 6)]).toEqual([0, 0, 0, 7, 7, 7]);
  expect(held.pixels.length).toBe(3 * 112 * 112);
  const sent = fake.written();
  pictures.lines("a", picture, { columns: 20, rows: 8 });
  expect(fake.written()).toBe(sent);
  // the cells name the picture by their colour and the row by a diacritic
  const painted = paintLines(lines, look);
  const colour = `38;2;${id >> 16};${(id >> 8) & 255};${id & 255}`;
  expect(painted[0]).toBe(
    `\u001b[0;${colour}m${placeholder}\u0305\u0305${placeholder.repeat(15)}\u001b[0m${" ".repeat(14)}`,
  );
  expect(painted[1]).toContain(`${placeholder}\u030d\u0305${placeholder}`);
  pictures.close();
  expect(fake.pictures.size).toBe(0);
});

it("keeps a few pictures in the terminal, and forgets the oldest", () => {
  const fake = terminal();
  const pictures = openKittyPictures(fake.write, { first: 0xfffffe, tmux: false });
  for (let at = 0; at < 20; at++) pictures.lines(`p${at}`, gradient(8, 8), { columns: 4, rows: 2 });
  expect(fake.pictures.size).toBe(8);
  expect([...fake.pictures.keys()].every((id) => id > 0 && id <= 0xffffff)).toBe(true);
});

it("sends large pictures smaller, and no more rows than there are numbers for", () => {
  const fake = terminal();
  fake.write(transmission(1, gradient(2000, 1000), { columns: 40, rows: 10 }).join(""));
  expect(fake.pictures.get(1)).toMatchObject({ width: 800, height: 400 });
  const tall = openKittyPictures(fake.write, { first: 9, tmux: false }).lines("t", gradient(10, 100), {
    columns: 200,
    rows: 500,
  });
  expect(tall).toHaveLength(mostPictureRows);
});

it("wraps every sequence for tmux", () => {
  let written = "";
  const write = (text: string) => {
    written += text;
  };
  const pictures = openKittyPictures(write, { first: 1, tmux: true });
  // noise does not shrink
  const data = Uint8Array.from({ length: 100 * 100 }, (_, at) => (at * 2654435761) >>> 24);
  pictures.lines("a", { width: 100, height: 100, channels: 1, data }, { columns: 20, rows: 10 });
  const parts = written.split("\u001bPtmux;").slice(1);
  expect(parts.length).toBeGreaterThan(1);
  for (const part of parts) {
    expect(part.startsWith("\u001b\u001b_G")).toBe(true);
    expect(part.endsWith("\u001b\u001b\\\u001b\\")).toBe(true);
    expect(part.slice(4, -5)).not.toContain("\u001b");
  }
});

it("is used where the terminal says that it can", () => {
  const size = { columns: 80, rows: 24 };
  const of = (env: NodeJS.ProcessEnv, pictures?: "auto" | "kitty" | "blocks") =>
    lookOf({ pictures }, { LANG: "C.UTF-8", COLORTERM: "truecolor", ...env }, size).pictures;
  expect(of({ TERM: "xterm-kitty" })).toBe("kitty");
  expect(of({ TERM: "xterm-ghostty" })).toBe("kitty");
  expect(of({ TERM: "xterm-256color" })).toBe("blocks");
  expect(of({ TERM: "xterm-kitty", TMUX: "/tmp/x" })).toBe("blocks");
  expect(of({ TERM: "tmux-256color", TMUX: "/tmp/x" }, "kitty")).toBe("kitty");
  expect(of({ TERM: "xterm-kitty" }, "blocks")).toBe("blocks");
  expect(of({ TERM: "xterm-kitty", NO_COLOR: "1" })).toBe("blocks");
  expect(lookOf({ ascii: true }, { TERM: "xterm-kitty", COLORTERM: "truecolor" }, size).pictures).toBe(
    "blocks",
  );
});

it("lets no text pass for a picture", () => {
  expect(visible(`a${placeholder}\u0305b`)).toBe("a<10eeee>\u0305b");
});
