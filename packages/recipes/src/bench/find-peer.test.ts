import { describe, expect, it } from "vitest";
import { defaultPeerFolder, findPeer } from "./find-peer.ts";

describe("the peer's environment", () => {
  it("stands where scripts/parity-env.sh puts it", () => {
    expect(defaultPeerFolder({}, "/home/a")).toBe("/home/a/.cache/mede2/parity");
    expect(defaultPeerFolder({ XDG_CACHE_HOME: "/c" }, "/home/a")).toBe("/c/mede2/parity");
    expect(defaultPeerFolder({ MEDE2_PARITY_ENV: "/p", XDG_CACHE_HOME: "/c" }, "/home/a")).toBe("/p");
  });

  it("says how to make it where it is missing", () => {
    expect(() => findPeer("/nowhere", "/nowhere")).toThrow(
      expect.objectContaining({
        code: "peer-missing",
        next: expect.stringContaining("scripts/parity-env.sh"),
      }),
    );
  });
});
