import type { LaunchChoice, LaunchField, PreparedRun } from "../data/launch.ts";

/** What was made of a form's values: being made, or done. */
export interface Preparing {
  /** The values that it belongs to. */
  key: string;
  result: PreparedRun | undefined;
}

/** The value of a field: as chosen or typed, else its first option. */
export const fieldValue = (
  { name, options }: LaunchField,
  values: Readonly<Record<string, string>>,
): string => values[name] ?? options[0]!.value;

/** All values of a form, with those that nobody touched. */
export const formValues = (
  { fields = [] }: LaunchChoice,
  values: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(fields.map((field) => [field.name, fieldValue(field, values)]));

/** The name of a set of values, to tell whether a plan still belongs to what the form says. */
export const formKey = (choice: LaunchChoice, values: Readonly<Record<string, string>>): string =>
  JSON.stringify([choice.id, formValues(choice, values)]);

/** The option beside the present one, round about; from a typed value to the first. */
export function besideOption(field: LaunchField, value: string, by: 1 | -1): string {
  const { options } = field;
  const at = options.findIndex((option) => option.value === value);
  return options[at < 0 ? 0 : (at + by + options.length) % options.length]!.value;
}
