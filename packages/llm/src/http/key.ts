import { LlmError } from "../llm-error.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The key of an endpoint, from the environment only: of the variable `keyName`, or else of `MEDE2_API_KEY`, or, for api.openai.com, of
 * `OPENAI_API_KEY`, which therefore never goes to another host. Undefined when nothing is set and no name was asked for. Throws "no-key",
 * "insecure-key" (a key over plain http to another machine) or "bad-url" (not http, or with a password in it).
 */
export function endpointKey(url: string, env: Environment, keyName?: string): string | undefined {
  const { protocol, hostname, username, password } = parsed(url);
  if (username !== "" || password !== "")
    throw new LlmError(
      "bad-url",
      "the URL holds a user or a password: put the key into an environment variable",
    );
  const names = keyName !== undefined ? [keyName] : ["MEDE2_API_KEY"];
  if (keyName === undefined && hostname === "api.openai.com") names.push("OPENAI_API_KEY");
  const key = names.map((name) => env[name]?.trim()).find((value) => value !== undefined && value !== "");
  if (key === undefined) {
    if (keyName !== undefined)
      throw new LlmError("no-key", `the environment variable ${keyName} is not set: put the key into it`);
    return undefined;
  }
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new LlmError("no-key", `the key in ${names.join(" or ")} holds characters that no key has`);
  if (protocol === "http:" && !/^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname))
    throw new LlmError(
      "insecure-key",
      `a key would go to ${hostname} without encryption: use https, or unset ${names.join(" and ")}`,
    );
  return key;
}

/** The base URL without its trailing slash. Throws "bad-url". */
export function baseUrl(url: string): string {
  const { origin, pathname } = parsed(url);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

function parsed(url: string): URL {
  let result: URL;
  try {
    result = new URL(url);
  } catch {
    throw new LlmError("bad-url", "expected a URL such as http://127.0.0.1:8000/v1");
  }
  if (result.protocol !== "http:" && result.protocol !== "https:")
    throw new LlmError("bad-url", `expected a URL with http or https, not ${result.protocol}`);
  return result;
}

/** A server's words made fit for a log: without the key, without control characters, and short. */
export function printableText(text: string, key: string | undefined, most = 300): string {
  const safe = key === undefined ? text : text.replaceAll(key, "[key]");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const plain = safe.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]+/g, " ").trim();
  return plain.length > most ? `${plain.slice(0, most)}…` : plain;
}
