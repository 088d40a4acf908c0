import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

  it("has TRL and transformers, and says why ms-swift is left out", async () => {
    const folder = await mkdtemp(join(tmpdir(), "mede2-peer-"));
    try {
      await mkdir(join(folder, "bin"));
      await writeFile(join(folder, "bin", "python"), "");
      const peer = findPeer(folder, join(folder, "swift"));
      expect(peer.absent("trl")).toBeUndefined();
      expect(peer.program("trl")).toMatchObject({ name: "bench_trl.py", python: join(folder, "bin/python") });
      expect(peer.program("transformers").name).toBe("bench_peer.py");
      expect(peer.absent("ms-swift")).toContain("scripts/swift-env.sh");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
