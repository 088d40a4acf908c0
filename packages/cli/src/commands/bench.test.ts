import { describe, expect, it } from "vitest";
import { mede2 } from "../../test/run-cli.ts";

describe("mede2 bench", () => {
  it("ends with 2 without the peer's environment and says how to make it", async () => {
    const ran = await mede2(["bench", "--python", "/nowhere", "--json"]);
    expect(ran.code).toBe(2);
    expect(ran.json<{ error: { code: string; next: string } }>().error).toMatchObject({
      code: "peer-missing",
      next: expect.stringContaining("scripts/parity-env.sh"),
    });
  });

  it("refuses models that it does not know", async () => {
    const ran = await mede2(["bench", "--model", "tiny,big"]);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain("tiny, tiny-151936, 30m, 135m");
  });
});
