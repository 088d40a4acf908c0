import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { addCommand, type CommonOptions, type Context, parse, say, workspaceFolder } from "../command.ts";
import { CliError } from "../exit.ts";
import type { Unneeded } from "../gc/unneeded.ts";
import { bytes } from "../numbers.ts";
import { dim } from "../output.ts";
import { printTable } from "../table.ts";

type GcOptions = CommonOptions & {
  readonly apply?: true;
  readonly keep: number;
  readonly hours: number;
  readonly only?: readonly Unneeded["kind"][];
  readonly quota?: number | "none";
};

const kinds = ["checkpoint", "image", "leftover"] as const;

export function addGc(program: Command, context: Context): void {
  addCommand(
    program,
    "gc",
    "free disk space: old checkpoints, images that nothing names, what killed jobs left",
    ["mede2 gc", "mede2 gc --apply", "mede2 gc --quota 200GB"],
  )
    .option("--apply", "delete them (default: only say what would be deleted)")
    .option(
      "--keep <n>",
      "newest checkpoints of a run that stay, beside the best and those in use",
      parse.positive,
      1,
    )
    .option("--hours <n>", "images and leftovers stay that are younger", parse.atLeastZero, 24)
    .option("--only <list>", `some of ${kinds.join(", ")}`, parseKinds)
    .option(
      "--quota <size>",
      "set how much runs and images of the workspace may take, such as 200GB; none takes it away",
      parseSize,
    )
    .action((options: GcOptions) => gc(options, context));
}

function parseKinds(text: string): Unneeded["kind"][] {
  return parse.list(text).map((name) => {
    const found = kinds.find((kind) => kind === name);
    if (found === undefined) throw new InvalidArgumentError(`Expected a list of ${kinds.join(", ")}.`);
    return found;
  });
}

const units: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

function parseSize(text: string): number | "none" {
  if (text === "none") return text;
  const match = /^(\d+(?:\.\d+)?)\s*([KMGT]?)B?$/i.exec(text.trim());
  const size = match === null ? 0 : Math.round(Number(match[1]) * units[match[2]!.toUpperCase()]!);
  if (size <= 0) throw new InvalidArgumentError("Expected a size such as 200GB, or none.");
  return size;
}

async function gc(options: GcOptions, context: Context): Promise<void> {
  const workspace = workspaceFolder(context, options);
  const [runs, checkpoints, images, leftovers] = await Promise.all([
    import("@mede2/runs"),
    import("../gc/old-checkpoints.ts"),
    import("../gc/unreferenced-images.ts"),
    import("../gc/leftovers.ts"),
  ]);
  if (options.quota !== undefined)
    await runs.writeWorkspaceSettings(
      workspace,
      options.quota === "none" ? {} : { quotaBytes: options.quota },
    );
  const { quotaBytes } = await runs.readWorkspaceSettings(workspace);
  const age = { hours: options.hours, now: context.io.clock() };
  const wanted = (kind: Unneeded["kind"]) => options.only === undefined || options.only.includes(kind);
  const found: Unneeded[] = [
    ...(wanted("checkpoint") ? await checkpoints.oldCheckpoints(workspace, options.keep) : []),
    ...(wanted("leftover") ? await leftovers.leftoversOf(workspace, age) : []),
    ...(wanted("image") ? await images.unreferencedImages(workspace, age) : []),
  ];
  const apply = options.apply === true;
  if (apply) await removeAll(workspace, found, context);
  const usedBytes = await runs.workspaceBytes(workspace);
  const freed = found.reduce((sum, each) => sum + each.bytes, 0);
  say(context, options, {
    json: {
      ...{ removed: found.length, bytes: freed, dryRun: !apply, items: found, usedBytes },
      ...(quotaBytes === undefined ? {} : { quotaBytes }),
    },
    print: (output) => {
      if (found.length > 0)
        printTable(
          output,
          [{ title: "what" }, { title: "size", right: true }, { title: "" }, { title: "" }],
          found.map(({ kind, path, bytes: size, reason }) => [kind, bytes(size), path, dim(reason)]),
        );
      const share = quotaBytes === undefined ? "" : ` of ${bytes(quotaBytes)}`;
      output.line(
        found.length === 0
          ? "nothing to delete"
          : `${apply ? "deleted" : "would delete"} ${found.length}: ${bytes(freed)}${apply ? "" : "; do it with --apply"}`,
      );
      output.line(dim(`runs and images take ${bytes(usedBytes)}${share}`));
    },
  });
}

/** Deletes one after the other; a run that has begun to go meanwhile keeps its checkpoints. */
async function removeAll(workspace: string, found: readonly Unneeded[], { io }: Context): Promise<void> {
  const { readRun } = await import("@mede2/runs");
  for (const { kind, path } of found) {
    io.stop.throwIfAborted();
    if (kind === "checkpoint") {
      const { status } = await readRun(join(workspace, path, "..", ".."));
      if (status === "running" || status === "paused")
        throw new CliError(
          "run-in-progress",
          `the run of ${path} has begun to go`,
          "wait for it, then run mede2 gc again: what was deleted so far was not needed",
          1,
        );
    }
    await rm(join(workspace, path), { recursive: true, force: true });
  }
}
