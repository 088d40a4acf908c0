import { expect, it } from "vitest";
import { findCli } from "./find-cli.ts";

const places = {
  setting: "",
  node: "node",
  folders: ["/w/sub", "/w"],
  path: "/usr/bin:relative:/opt/bin",
  windows: false,
};
const having =
  (...files: string[]) =>
  (path: string) =>
    files.includes(path);

it("takes the workspace's own command, nearest first, and runs it by Node", () => {
  const exists = having("/w/node_modules/@mede2/cli/bin/mede2.mjs", "/opt/bin/mede2");
  expect(findCli({ ...places, exists })).toEqual({
    found: true,
    program: "node",
    before: ["/w/node_modules/@mede2/cli/bin/mede2.mjs"],
    from: "/w",
  });
});

it("takes the one on the path when there is no other", () => {
  expect(findCli({ ...places, exists: having("/opt/bin/mede2") })).toMatchObject({
    program: "/opt/bin/mede2",
    before: [],
  });
  expect(
    findCli({ ...places, exists: having("/opt/lib/node_modules/@mede2/cli/bin/mede2.mjs") }),
  ).toMatchObject({
    program: "node",
  });
});

it("never looks in a relative part of the path", () => {
  expect(findCli({ ...places, exists: having("relative/mede2") })).toMatchObject({ found: false });
});

it("takes what the setting names or says why not, and does not fall back", () => {
  const exists = having("/w/node_modules/@mede2/cli/bin/mede2.mjs", "/x/mede2");
  expect(findCli({ ...places, exists, setting: "/x/mede2" })).toMatchObject({ program: "/x/mede2" });
  expect(findCli({ ...places, exists, setting: "/y/mede2" })).toMatchObject({ found: false });
  expect(findCli({ ...places, exists, setting: "mede2; rm -rf /" })).toMatchObject({ found: false });
});
