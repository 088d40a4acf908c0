import { inspectVerdict } from "./inspect.ts";
import { medevalkitVerdict } from "./medevalkit.ts";
import { medvlthinkerVerdict } from "./medvlthinker.ts";
import { medxpertqaVerdict } from "./medxpertqa.ts";
import { mmmuProVerdict } from "./mmmu-pro.ts";
import type { PeerReply, PeerVerdict } from "./peer-verdict.ts";
import { vlmevalkitVerdict } from "./vlmevalkit.ts";

export type PeerName = "inspect" | "medxpertqa" | "mmmu-pro" | "medevalkit" | "medvlthinker" | "vlmevalkit";

/** How other harnesses grade the same reply, checked against the verdicts of their own code (`test/goldens/generate_peers.py`). */
export const peerVerdicts: Readonly<Record<PeerName, (reply: PeerReply) => PeerVerdict>> = {
  inspect: inspectVerdict,
  medxpertqa: medxpertqaVerdict,
  "mmmu-pro": mmmuProVerdict,
  medevalkit: medevalkitVerdict,
  medvlthinker: medvlthinkerVerdict,
  vlmevalkit: vlmevalkitVerdict,
};
