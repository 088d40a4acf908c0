import { EngineError } from "../engine-error.ts";
import { type AskHttp, askHttp } from "./ask-http.ts";

/** A job as Ray's REST interface tells it (Ray 2.60, `JobDetails`). */
export type RayJob = {
  readonly status: string;
  readonly message: string;
  readonly exitCode: number | undefined;
};

/** What we ask of a Ray head; each call is one request. */
export type RayClient = {
  version(): Promise<string>;
  /** Resolves to false where a job of this id is there already. */
  submit(job: RaySubmission): Promise<boolean>;
  job(id: string): Promise<RayJob | undefined>;
  logs(id: string): Promise<string>;
  stop(id: string): Promise<void>;
};

export type RaySubmission = {
  readonly entrypoint: string;
  readonly submission_id: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly runtime_env?: { readonly env_vars: Readonly<Record<string, string>> };
  readonly entrypoint_num_cpus?: number;
  readonly entrypoint_num_gpus?: number;
  readonly entrypoint_memory?: number;
};

/**
 * A client of Ray's job server. Throws an EngineError: "ray-unreachable" (nobody answers: that says nothing of
 * a job), "ray-token" (401, 403), "ray-refused" (any other answer).
 */
export function rayClient(
  address: string,
  token: string | undefined,
  ask: AskHttp = askHttp,
  seconds = 30,
): RayClient {
  const base = address.replace(/\/+$/, "");
  const call = async (method: string, path: string, body?: object) => {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    try {
      return await ask(method, `${base}${path}`, headers, body && JSON.stringify(body), seconds);
    } catch (error) {
      const { code, message } = error as { code?: unknown; message: string };
      throw new EngineError(
        "ray-unreachable",
        `the Ray head at ${base} does not answer: ${typeof code === "string" ? code : message}`,
        "see whether it runs and can be reached from here; a job that was submitted goes on",
        error,
      );
    }
  };
  const refuse = ({ code, text }: { code: number; text: string }, what: string): EngineError =>
    code === 401 || code === 403
      ? new EngineError(
          "ray-token",
          `the Ray head at ${base} wants a token (HTTP ${code})`,
          token === undefined
            ? "name a file with it as launcher.tokenFile, or set RAY_AUTH_TOKEN"
            : "the token is not the head's",
        )
      : new EngineError(
          "ray-refused",
          `the Ray head at ${base} refused to ${what} (HTTP ${code}): ${lastLine(text)}`,
          "read its dashboard's log",
        );
  const parsed = (text: string, what: string): Record<string, unknown> => {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
    } catch {
      // told below
    }
    throw new EngineError(
      "ray-refused",
      `what answers at ${base} is no Ray head: ${what} gave no JSON object`,
      "name the address of its dashboard",
    );
  };
  const job = (id: string) => `/api/jobs/${encodeURIComponent(id)}`;
  return {
    async version() {
      const answer = await call("GET", "/api/version");
      if (answer.code !== 200) throw refuse(answer, "tell its version");
      return String(parsed(answer.text, "/api/version").ray_version ?? "unknown");
    },
    async submit(submission) {
      const answer = await call("POST", "/api/jobs/", submission);
      if (answer.code === 200) return true;
      // Ray 2.60 answers a second submission by 500 and a traceback that says this
      if (/already exists/.test(answer.text)) return false;
      throw refuse(answer, "take the job");
    },
    async job(id) {
      const answer = await call("GET", job(id));
      if (answer.code === 404) return undefined;
      if (answer.code !== 200) throw refuse(answer, `tell of job ${id}`);
      const { status, message, driver_exit_code: code } = parsed(answer.text, job(id));
      return {
        status: String(status),
        message: typeof message === "string" ? message : "",
        exitCode: typeof code === "number" ? code : undefined,
      };
    },
    async logs(id) {
      const answer = await call("GET", `${job(id)}/logs`);
      if (answer.code === 404) return "";
      if (answer.code !== 200) throw refuse(answer, `give the log of job ${id}`);
      const { logs } = parsed(answer.text, `${job(id)}/logs`);
      return typeof logs === "string" ? logs : "";
    },
    async stop(id) {
      const answer = await call("POST", `${job(id)}/stop`);
      if (answer.code !== 200 && answer.code !== 404) throw refuse(answer, `stop job ${id}`);
    },
  };
}

const lastLine = (text: string): string =>
  text.trim().split("\n").at(-1)?.trim().slice(0, 300) || "no reason given";
