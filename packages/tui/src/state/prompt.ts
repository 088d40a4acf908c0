import { type Step, stay } from "./act.ts";
import type { InputPurpose, Prompt, Ui } from "./ui.ts";

/** A key while a question is open at the bottom of the screen. `text` is what was typed or pasted. Pure. */
export function answerPrompt(ui: Ui, key: string, text: string): Step {
  const { prompt } = ui;
  if (prompt === null) return stay(ui);
  const closed: Ui = { ...ui, prompt: null };
  if (key === "escape" || key === "ctrl+c") return stay(closed);
  if (prompt.kind === "confirm") {
    if (key === "y" || key === "Y" || key === "enter") return stay(closed, prompt.effect);
    return stay({ ...closed, notice: { text: "left as it is", bad: false } });
  }
  if (key === "enter") return answers[prompt.purpose](closed, prompt.value, prompt.field);
  if (key === "backspace")
    return stay({ ...ui, prompt: { ...prompt, value: [...prompt.value].slice(0, -1).join("") } });
  if (key === "ctrl+u") return stay({ ...ui, prompt: { ...prompt, value: "" } });
  const typed = key === "space" ? " " : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a pasted line break must not end up in a comment
  const clean = typed.replace(/[\u0000-\u001f\u007f]+/g, " ");
  if (clean.length === 0 || key.startsWith("ctrl+") || namedKeys.has(key)) return stay(ui);
  return stay({ ...ui, prompt: { ...prompt, value: `${prompt.value}${clean}`.slice(0, 500) } });
}

const namedKeys = new Set([
  "up",
  "down",
  "left",
  "right",
  "home",
  "end",
  "pageup",
  "pagedown",
  "tab",
  "shift+tab",
]);

type Field = Extract<Prompt, { kind: "input" }>["field"];

const answers: Readonly<Record<InputPurpose, (ui: Ui, value: string, field: Field) => Step>> = {
  "filter-runs": (ui, value) => stay({ ...ui, filter: value }),
  "filter-metrics": (ui, value) => stay({ ...ui, charts: { ...ui.charts, filter: value, focus: 0 } }),
  search: (ui, value) =>
    value === ""
      ? stay(ui)
      : stay({ ...ui, lastSearch: value }, { kind: "log", move: { search: value, direction: "back" } }),
  "learning-rate": (ui, value) => {
    const rate = Number(value);
    if (value.trim() === "" || !Number.isFinite(rate) || rate <= 0)
      return stay({
        ...ui,
        notice: { text: `${value} is no learning rate: a number above 0, such as 5e-5`, bad: true },
      });
    const effect = { kind: "control", request: "learning-rate", learningRate: rate } as const;
    return stay({
      ...ui,
      prompt: { kind: "confirm", text: `Train on with a learning rate of ${rate}?`, effect },
    });
  },
  "recipe-value": (ui, value, field) => {
    if (field === undefined) return stay(ui);
    const reason = field.check(value.trim());
    if (reason !== undefined) return stay({ ...ui, notice: { text: reason, bad: true } });
    return stay({
      ...ui,
      form: { ...ui.form, values: { ...ui.form.values, [field.name]: value.trim() } },
    });
  },
  comment: (ui, value) =>
    stay({ ...ui, comment: value, notice: { text: "the comment goes with the next verdict", bad: false } }),
};
