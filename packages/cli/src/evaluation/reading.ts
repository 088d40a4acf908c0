import type { Protocol } from "@mede2/eval";
import { CliError } from "../exit.ts";

/** How a protocol reads answers; without one strictly, and the records say so. */
export async function readingNamed(
  name: string | undefined,
): Promise<{ protocol: string; reading: Protocol["reading"] }> {
  if (name === undefined) return { protocol: "as-given", reading: "strict" };
  const { protocolNames, protocols } = await import("@mede2/eval");
  const found = protocolNames.find((each) => each === name);
  if (found === undefined)
    throw new CliError(
      "usage",
      `there is no protocol ${JSON.stringify(name)}`,
      `choose one of ${protocolNames.join(", ")}`,
    );
  return { protocol: found, reading: protocols[found].reading };
}
