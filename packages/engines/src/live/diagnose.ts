/** What a line of an engine's output says of why it died. */
export type Diagnosis = { readonly code: string; readonly message: string; readonly next: string };

const causes: readonly {
  readonly code: string;
  readonly pattern: RegExp;
  readonly what: string;
  readonly next: string;
}[] = [
  {
    code: "gpu-memory",
    pattern: /torch\.OutOfMemoryError|CUDA out of memory/,
    what: "the GPU's memory is full",
    next: "halve batch.size and double batch.accumulation, set settings.recompute, or share the model (zero2, zero3)",
  },
  {
    code: "host-memory",
    pattern: /exitcode\s*:\s*-9|DefaultCPUAllocator: can't allocate memory/,
    what: "the host's memory is full",
    next: "ask for more memory, or run fewer processes on a node",
  },
  {
    code: "disk-full",
    pattern: /No space left on device/,
    what: "the disk is full",
    next: "free disk space, then resume the run; checkpoints that were saved before are whole",
  },
  {
    code: "communication",
    pattern: /NCCL[^\n]*timeout|Watchdog caught collective operation timeout|Connection closed by peer/,
    what: "the processes lost each other",
    next: "look for a node that died or waits; resume goes on from the newest checkpoint",
  },
  {
    code: "image-tokens",
    pattern:
      /Image features and image tokens do not match|Mismatch in [^\n]*image[^\n]* token|too short and causes image placeholder tokens/,
    what: "the number of image tokens is not that of the image features",
    next: "raise batch.maxTokens: a sequence was cut within a picture",
  },
  {
    code: "image-missing",
    pattern: /(?:FileNotFoundError|UnidentifiedImageError)[^\n]*\.(?:png|jpe?g|webp|tiff?|bmp)[^\n]*/i,
    what: "a picture cannot be read",
    next: "put it back into the image store, run the preflight, then resume",
  },
  {
    code: "no-cuda",
    pattern:
      /No CUDA GPUs are available|Found no NVIDIA driver|CUDA driver version is insufficient|Torch not compiled with CUDA enabled/,
    what: "no GPU can be used here",
    next: "run it where there is one, or set device to cpu",
  },
  {
    code: "size-mismatch",
    pattern: /size mismatch for [^\n]*/,
    what: "weights do not fit the model",
    next: "check that adapter and checkpoint belong to this model and these lora settings",
  },
  {
    code: "arguments",
    pattern: /remaining_argv[^\n]*|error: unrecognized arguments[^\n]*/,
    what: "the engine does not know an argument",
    next: "install the version that the emitter is made for",
  },
  {
    code: "not-installed",
    pattern:
      /(?:swift|llamafactory-cli): (?:command )?not found|No module named '?(?:swift|trl|llamafactory)'?|exec: [^\n]*: not found/,
    what: "the engine is not installed here",
    next: "make its environment (scripts/swift-env.sh) or name it with --engine-dir",
  },
];

/** The cause of a failure by the end of the output; undefined where nothing known stands there. */
export function diagnose(output: string): Diagnosis | undefined {
  for (const { code, pattern, what, next } of causes) {
    const found = pattern.exec(output);
    if (found === null) continue;
    const line = found[0].trim().slice(0, 400);
    return { code, message: `${what} (${line})`, next };
  }
  const error = output
    .split(/[\r\n]+/)
    .filter((line) => /^\w*(?:Error|Exception)\b.*/.test(line.trim()))
    .at(-1);
  return error === undefined
    ? undefined
    : {
        code: "engine-error",
        message: error.trim().slice(0, 300),
        next: "remove the cause, then resume the run",
      };
}
