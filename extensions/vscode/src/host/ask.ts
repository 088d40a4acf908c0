import * as vscode from "vscode";

/** What a step of a form answers: a value, a wish to go back, or that the user has left. */
export type Answer<T> = { readonly value: T } | "back" | "left";

export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
  /** By which it is found again the next time. */
  readonly key: string;
}

interface Place {
  readonly title: string;
  readonly step: number;
  readonly steps: number;
}

/** A choice from a list, with a way back. The choice of the last time comes first. */
export function pick<T>(
  place: Place,
  placeholder: string,
  choices: readonly Choice<T>[] | Promise<readonly Choice<T>[]>,
  memory: { state: vscode.Memento; name: string },
): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const box = vscode.window.createQuickPick<Choice<T>>();
    let answer: Answer<T> = "left";
    Object.assign(box, {
      title: place.title,
      step: place.step,
      totalSteps: place.steps,
      placeholder,
      ignoreFocusOut: true,
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (place.step > 1) box.buttons = [vscode.QuickInputButtons.Back];
    box.busy = true;
    Promise.resolve(choices).then(
      (items) => {
        const last = memory.state.get<string>(`form.${memory.name}`);
        const active = items.find(({ key }) => key === last);
        box.items = items;
        if (active !== undefined) box.activeItems = [active];
        box.busy = false;
      },
      (error: unknown) => {
        void vscode.window.showErrorMessage(
          `MedE²: ${error instanceof Error ? error.message : String(error)}`,
        );
        box.hide();
      },
    );
    box.onDidTriggerButton(() => {
      answer = "back";
      box.hide();
    });
    box.onDidAccept(() => {
      const [chosen] = box.selectedItems;
      if (chosen === undefined) return;
      void memory.state.update(`form.${memory.name}`, chosen.key);
      answer = { value: chosen.value };
      box.hide();
    });
    box.onDidHide(() => {
      box.dispose();
      resolve(answer);
    });
    box.show();
  });
}

/** A text, checked as it is typed. */
export function enter(
  place: Place,
  prompt: string,
  value: string,
  check: (text: string) => string | undefined,
): Promise<Answer<string>> {
  return new Promise((resolve) => {
    const box = vscode.window.createInputBox();
    let answer: Answer<string> = "left";
    Object.assign(box, {
      title: place.title,
      step: place.step,
      totalSteps: place.steps,
      prompt,
      value,
      ignoreFocusOut: true,
    });
    if (place.step > 1) box.buttons = [vscode.QuickInputButtons.Back];
    const tell = () => {
      box.validationMessage = check(box.value) ?? "";
    };
    box.onDidChangeValue(tell);
    box.onDidTriggerButton(() => {
      answer = "back";
      box.hide();
    });
    box.onDidAccept(() => {
      tell();
      if (check(box.value) !== undefined) return;
      answer = { value: box.value };
      box.hide();
    });
    box.onDidHide(() => {
      box.dispose();
      resolve(answer);
    });
    box.show();
  });
}

/**
 * Goes through the steps of a form, back and forth. A step answers, or `undefined` when it has nothing to ask; then it is passed in both directions.
 * False when the user left.
 */
export async function goThrough(
  steps: readonly (() => Promise<Answer<unknown> | undefined>)[],
): Promise<boolean> {
  let direction = 1;
  for (let at = 0; at < steps.length; at += direction) {
    if (at < 0) return false;
    const answer = await steps[at]!();
    if (answer === "left") return false;
    if (answer !== undefined) direction = answer === "back" ? -1 : 1;
  }
  return true;
}
