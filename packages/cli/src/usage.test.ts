import { describe, expect, it } from "vitest";
import { mede2 } from "../test/run-cli.ts";

/** Names of the commands that a help lists, without \`help\` itself. */
function commandsIn(help: string): string[] {
  const section = /\nCommands:\n([\s\S]*?)(?:\n\n|$)/.exec(help)?.[1] ?? "";
  const names = [...section.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map((match) => match[1]!);
  return names.filter((name) => name !== "help");
}

describe("mede2", () => {
  it("lists its commands, says what it is not, and exits with 0 for --help, with 2 when nothing is asked", async () => {
    const help = await mede2(["--help"]);
    expect(help.code).toBe(0);
    for (const name of ["data", "train", "runs", "watch", "control"])
      expect(help.out).toContain(`\n  ${name}`);
    expect(help.out).toContain("not a medical device");
    const nothing = await mede2([]);
    expect(nothing).toMatchObject({ code: 2, out: "" });
    expect(nothing.err).toContain("Usage: mede2");
  });

  it("has an example under the help of every command, --json and --workspace among its options", async () => {
    const missing: string[] = [];
    const leaves: string[] = [];
    const visit = async (path: readonly string[]): Promise<void> => {
      const { out, code } = await mede2([...path, "--help"]);
      expect(code).toBe(0);
      const inner = commandsIn(out);
      for (const name of inner) if (path.length < 3) await visit([...path, name]);
      if (inner.length > 0) return;
      leaves.push(path.join(" "));
      for (const part of ["Example", `mede2 ${path.join(" ")}`, "--json", "--workspace"])
        if (!out.includes(part)) missing.push(`${path.join(" ")}: ${part}`);
    };
    await visit([]);
    expect(leaves).toEqual(
      expect.arrayContaining(["data import", "train", "runs export", "watch", "control"]),
    );
    expect(missing).toEqual([]);
  });

  it("answers bad usage with 2, one sentence, and where to look; as an object with --json", async () => {
    const unknown = await mede2(["runs", "--sjon"]);
    expect(unknown).toMatchObject({ code: 2, out: "" });
    expect(unknown.err).toBe(
      "mede2: unknown option '--sjon' (Did you mean --json?); see mede2 runs --help.\n",
    );
    const missing = await mede2(["data", "import", "ward", "--json"]);
    expect(missing.code).toBe(2);
    expect(missing.json()).toMatchObject({ error: { code: "usage", next: "see mede2 data import --help" } });
    expect((await mede2(["contrl"])).err).toContain("Did you mean control?");
    expect((await mede2(["control", "x", "explode"])).code).toBe(2);
    expect(
      (await mede2(["control", "x", "pause", "--wait", "soon"], { env: { MEDE2_DEBUG: "1" } })).err,
    ).toContain("Expected a number");
  });

  it("shows a stack only when it is asked to", async () => {
    const argv = ["train", "no-such.plan.json"];
    const { code, err } = await mede2(argv);
    expect(code).toBe(2);
    expect(err).toContain("no-such.plan.json: there is no such file");
    expect(err).not.toContain("    at ");
    expect((await mede2(argv, { env: { MEDE2_DEBUG: "1" } })).err).toContain("    at ");
  });
});
