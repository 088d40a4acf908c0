import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fakeRun, newFolder } from "../../test/emitted.ts";
import { rayLauncher, shellQuoted } from "./ray.ts";

/** Answers as a head of Ray 2.60 does. */
type Job = {
  status: string;
  message?: string;
  driver_exit_code?: number;
  body: Record<string, unknown>;
  logs: string;
};
const jobs = new Map<string, Job>();
let asked: string[] = [];
let token: string | undefined;
let forced: { code: number; text: string } | undefined;
const server = createServer(async (request, response) => {
  let text = "";
  for await (const part of request) text += part;
  const answer = (code: number, body: unknown) => {
    response.writeHead(code, { location: "http://127.0.0.1:1/" });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
  asked.push(`${request.method} ${request.url}`);
  if (forced !== undefined) return answer(forced.code, forced.text);
  // as in Ray's http_server_head.py: what a browser sends, or looks like it, may not POST
  if (
    request.method === "POST" &&
    Object.keys(request.headers).some((name) => /^(sec-fetch-|origin|referer)/.test(name))
  )
    return answer(405, "'POST' method not allowed for browser traffic.");
  if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
    return answer(request.headers.authorization === undefined ? 401 : 403, "Unauthorized");
  if (request.url === "/api/version") return answer(200, { version: "4", ray_version: "2.60.0" });
  const [, id, what] = /^\/api\/jobs\/([^/]*)(?:\/(\w+))?$/.exec(request.url ?? "") ?? [];
  if (request.method === "POST" && id === "") {
    const body = JSON.parse(text) as Record<string, unknown>;
    const name = String(body.submission_id);
    if (jobs.has(name))
      return answer(500, `Traceback …\nValueError: Job with submission_id ${name} already exists.`);
    jobs.set(name, { status: "PENDING", body, logs: "" });
    return answer(200, { job_id: name, submission_id: name });
  }
  const job = jobs.get(decodeURIComponent(id ?? ""));
  if (job === undefined) return answer(404, "Job not found");
  if (what === "logs") return answer(200, { logs: job.logs });
  if (what === "stop") return answer(200, { stopped: true });
  return answer(200, { type: "SUBMISSION", ...job });
});

const base = newFolder("ray");
let address = "";
const launcher = rayLauncher({ env: {} });
const target = () => ({ name: "ray", address, graceSeconds: 30 }) as const;
let runs = 0;
const fresh = (folder = "run") => {
  runs += 1;
  return fakeRun(join(base, `${folder} ${runs}`), {}, { name: `stage-${runs}` });
};

beforeAll(async () => {
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  jobs.clear();
  [asked, token, forced] = [[], undefined, undefined];
});
afterAll(() => {
  server.close();
  rmSync(base, { recursive: true, force: true });
});

describe("a job for Ray", () => {
  it("is submitted with its folder as one quoted word", async () => {
    const run = fresh('it\'s a "run" $(id) `id`');
    const job = await launcher.submit(run, { ...target(), gpusPerNode: 8, cpus: 32 });
    const { body } = jobs.get(job.id)!;
    expect(body).toMatchObject({
      entrypoint: `cd -- '${run.dir.replace("it's", "it'\\''s")}' && exec bash launch/job.sh run`,
      ...{ entrypoint_num_gpus: 8, entrypoint_num_cpus: 32, metadata: { run: run.name, attempt: "1" } },
      runtime_env: { env_vars: { RAY_JOB_STOP_WAIT_TIME_S: "40" } },
    });
    expect(job.id).toMatch(/^stage-\d+-[0-9a-f]{8}$/);
    expect(existsSync(join(run.dir, "launch/job.sh"))).toBe(true);
  });

  it("is attached to when it is there, has a new id when it is resumed, and another where another folder has its name", async () => {
    const run = fresh();
    const job = await launcher.submit(run, target());
    expect((await launcher.submit(run, target())).id).toBe(job.id);
    expect(asked.filter((line) => line === "POST /api/jobs/")).toHaveLength(1);
    expect((await launcher.resume(run, target(), job)).id).toBe(`${job.id}-2`);
    const other = { ...fresh(), name: run.name };
    expect((await launcher.submit(other, target())).id).not.toBe(job.id);
  });

  it.each([
    [
      { status: "PENDING", message: "Job has not started yet, waiting for 8 GPUs." },
      "queued",
      "waiting for 8 GPUs",
    ],
    [{ status: "RUNNING" }, "running", undefined],
    [{ status: "SUCCEEDED" }, "succeeded", undefined],
    [{ status: "STOPPED" }, "stopped", "through Ray"],
    [
      { status: "FAILED", message: "a\nThe actor died unexpectedly", driver_exit_code: 3 },
      "failed",
      "The actor died",
    ],
  ])("%j is %s", async (said, state, reason) => {
    const run = fresh();
    const job = await launcher.submit(run, target());
    Object.assign(jobs.get(job.id)!, said);
    const status = await launcher.status(job);
    expect(status.state).toBe(state);
    if (reason !== undefined) expect(status.reason).toContain(reason);
    if (state === "failed") expect(status.exitCode).toBe(3);
  });

  it("is what its supervisor said at its end", async () => {
    const run = fresh();
    const job = await launcher.submit(run, target());
    jobs.get(job.id)!.status = "SUCCEEDED";
    writeFileSync(join(run.dir, "launch/exit.json"), '{"rc":0,"asked":"stop","from":-1,"step":3,"job":""}');
    expect((await launcher.status(job)).reason).toBe("stopped as asked; the newest checkpoint is of step 3");
  });

  it("is lost when the head forgot it, and unknown when the head is silent", async () => {
    const job = await launcher.submit(fresh(), target());
    jobs.clear();
    expect((await launcher.status(job)).state).toBe("lost");
    forced = { code: 500, text: "Internal error\nsomething broke" };
    await expect(launcher.status(job)).rejects.toMatchObject({ code: "ray-refused" });
    forced = { code: 307, text: "" };
    await expect(launcher.status(job)).rejects.toMatchObject({ code: "ray-refused" });
    const silent = { ...job, detail: { ...job.detail, address: "http://127.0.0.1:1" } };
    await expect(launcher.status(silent)).rejects.toMatchObject({
      code: "ray-unreachable",
      message: "the Ray head at http://127.0.0.1:1 does not answer: ECONNREFUSED",
    });
  });

  it("is stopped by a file, and by Ray too where it waits; what waits and was stopped counts as stopped", async () => {
    const run = fresh();
    const job = await launcher.submit(run, target());
    jobs.get(job.id)!.status = "RUNNING";
    await launcher.stop(job);
    expect(existsSync(join(run.dir, "launch/stop"))).toBe(true);
    expect(asked.some((line) => line.endsWith("/stop"))).toBe(false);
    const second = await launcher.submit(fresh(), target());
    await launcher.stop(second);
    expect(asked).toContain(`POST /api/jobs/${second.id}/stop`);
    expect((await launcher.status(second)).state).toBe("stopped");
  });

  it("gives its log piece by piece, and that of a later attempt from its beginning", async () => {
    const run = fresh();
    const job = await launcher.submit(run, target());
    jobs.get(job.id)!.logs = "one ü\n";
    const first = await launcher.logs(job, 0);
    expect(first.text).toBe("one ü\n");
    jobs.get(job.id)!.logs += "two\n";
    const second = await launcher.logs(job, first.next);
    expect(second.text).toBe("two\n");
    const again = await launcher.resume(run, target(), job);
    jobs.get(again.id)!.logs = "a log that is longer than the first\n";
    expect((await launcher.logs(again, second.next)).text).toBe("a log that is longer than the first\n");
  });

  it("refuses a run for several machines, and a head that is none", async () => {
    const run = { ...fresh(), processes: { nodes: 2, perNode: 1 } };
    await expect(launcher.submit(run, target())).rejects.toMatchObject({ code: "launcher" });
    forced = { code: 200, text: "<html>" };
    expect(await launcher.check(target())).toMatchObject([{ level: "error", code: "ray-refused" }]);
  });
});

describe("the token", () => {
  it("comes from its file or the environment, and is never written into the handle or the run", async () => {
    token = "se-cret";
    expect(await launcher.check(target())).toMatchObject([{ code: "ray-token" }]);
    const tokenFile = join(base, "token");
    writeFileSync(tokenFile, "se-cret\n");
    expect(await launcher.check({ ...target(), tokenFile })).toEqual([]);
    const run = fresh();
    const job = await rayLauncher({ env: { RAY_AUTH_TOKEN: "se-cret" } }).submit(run, target());
    expect(JSON.stringify(job)).not.toContain("se-cret");
    for (const name of ["command", "env", "settings"])
      expect(readFileSync(join(run.dir, "launch", name), "utf8")).not.toContain("se-cret");
    await expect(launcher.check({ ...target(), tokenFile: join(base, "none") })).resolves.toMatchObject([
      { code: "ray-token" },
    ]);
  });

  it("is warned of where it would go over the net in the open", async () => {
    const findings = await rayLauncher({ ask: async () => ({ code: 200, text: "{}" }) }).check({
      ...{ name: "ray", address: "http://head.example:8265" },
    });
    expect(findings).toMatchObject([{ level: "warning" }]);
  });
});

it("quotes any text as one word of a shell", () => {
  expect(shellQuoted("it's")).toBe(`'it'\\''s'`);
});
