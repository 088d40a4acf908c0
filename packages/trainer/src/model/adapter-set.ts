import { assertAdapterFits, loraScale, mergeLora, readPeftFolder } from "@mede2/nn";
import { toFloat32 } from "@mede2/safetensors";
import type { ModelState } from "../program/model-state.ts";
import { weightNumbers } from "../program/model-weights.ts";
import { TrainerError } from "../trainer-error.ts";

/** Several adapters of one base, of which one or none is active. */
export type AdapterSet = {
  readonly names: readonly string[];
  readonly active: string | undefined;
  /** Reads a PEFT folder under a name. Throws `adapter-name` for one that is taken, `adapter-mismatch` for an adapter of another model. */
  add(name: string, folder: string): Promise<void>;
  /** Forgets an adapter; the active one becomes none. */
  remove(name: string): void;
  /** The base with this adapter merged in, or as it is. Weights that are not touched are shared, those of the base are never changed, so that switching is exact. */
  use(name: string | undefined): ModelState;
};

type Module = Parameters<typeof mergeLora>[1];

export function createAdapterSet(base: ModelState): AdapterSet {
  const adapters = new Map<string, ReadonlyMap<string, Module>>();
  let active: string | undefined;
  const known = (name: string): ReadonlyMap<string, Module> => {
    const found = adapters.get(name);
    if (found !== undefined) return found;
    throw new TrainerError(
      "adapter-name",
      `there is no adapter "${name}"`,
      `there ${adapters.size === 0 ? "is none" : `are ${[...adapters.keys()].join(", ")}`}`,
    );
  };
  return {
    get names() {
      return [...adapters.keys()];
    },
    get active() {
      return active;
    },
    async add(name, folder) {
      if (adapters.has(name))
        throw new TrainerError("adapter-name", `there is an adapter "${name}" already`, "remove it first");
      const peft = await readPeftFolder(folder);
      assertAdapterFits(peft, base.config);
      const { rank } = peft.lora;
      const modules = [...peft.modules].map(([module, { a, b, magnitude }]): [string, Module] => [
        `${module}.weight`,
        {
          ...{ a_rI: toFloat32(a), b_Or: toFloat32(b), rank, scale: loraScale(peft.lora) },
          ...(magnitude === undefined ? {} : { magnitude_O: toFloat32(magnitude) }),
        },
      ]);
      adapters.set(name, new Map(modules));
    },
    remove(name) {
      known(name);
      adapters.delete(name);
      if (active === name) active = undefined;
    },
    use(name) {
      const modules = name === undefined ? [] : [...known(name)];
      active = name;
      const parameters = new Map(base.parameters);
      const nf4 = base.nf4 === undefined ? undefined : new Map(base.nf4);
      for (const [key, module] of modules) {
        const weight = new Float32Array(weightNumbers(base, key));
        mergeLora(weight, module);
        parameters.set(key, weight);
        nf4?.delete(key);
      }
      return { ...base, parameters, ...(nf4 === undefined ? {} : { nf4 }) };
    },
  };
}
