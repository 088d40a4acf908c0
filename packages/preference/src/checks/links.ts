import { z } from "zod";
import { traceCheck } from "./check.ts";

/** The links that somebody else checked, handed in with the trace. */
export const linkChecks = {
  links: traceCheck({
    about: "the share of the named links that hold; a wrong one counts 0, one that is not there `absent`",
    settings: z.strictObject({
      /** Names of links; all by default. */
      names: z.array(z.string()).min(1).optional(),
      except: z.array(z.string()).default([]),
      /** What a link that is not there is worth: null leaves it out. */
      absent: z.number().min(0).max(1).nullable().default(0),
    }),
    run: ({ links }, { names, except, absent }) => {
      if (links === undefined) return { notApplicable: "links-not-checked" };
      const chosen = links.filter(
        ({ name, status }) =>
          (names === undefined || names.includes(name)) &&
          !except.includes(name) &&
          !(absent === null && status === "absent"),
      );
      if (chosen.length === 0) return { notApplicable: "no-such-link" };
      const worth = chosen.map(({ status }) =>
        status === "right" ? 1 : status === "wrong" ? 0 : (absent ?? 0),
      );
      const broken = chosen.filter((_, at) => worth[at]! < 1);
      const value = worth.reduce((sum, one) => sum + one, 0) / worth.length;
      const spans = broken.flatMap((link) => link.spans ?? []);
      const said = broken.map(({ name, status, reason }) => `${name}: ${reason ?? status}`).join("; ");
      return broken.length === 0 ? { value, spans: [] } : { value, spans, reason: said };
    },
  }),
};
