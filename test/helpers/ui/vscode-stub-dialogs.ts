import type * as vscode from 'vscode';
import { StubInputBox, StubQuickPick, type Show } from './vscode-stub-inputs.ts';
import type { Answer, Shown } from './vscode-stub.ts';

/** Messages, inputs and picks: each is added to `shown`, then `answer` answers it. */
export function dialogs(shown: Shown[], answer: Answer) {
  const show: Show = (entry) => {
    const full = { detail: undefined, modal: false, password: false, choices: [], ...entry };
    shown.push(full);
    return answer(full);
  };
  const message =
    (kind: Shown['kind']) =>
    async (text: string, ...rest: (vscode.MessageOptions | string)[]): Promise<string | undefined> => {
      const options = rest.find((item) => typeof item === 'object');
      const choices = rest.filter((item) => typeof item === 'string');
      const choice = show({ kind, text, detail: options?.detail, modal: options?.modal ?? false, choices });
      return choices.find((button) => button === choice);
    };
  return {
    showInformationMessage: message('info'),
    showWarningMessage: message('warning'),
    showErrorMessage: message('error'),
    /** Like the editor, it does not take a value that `validateInput` refuses: the test fails instead of waiting. */
    async showInputBox(options: vscode.InputBoxOptions) {
      const { title = '', prompt, value = '', password = false } = options;
      const answer = show({ kind: 'input', text: title, detail: prompt, password, choices: [value] });
      if (answer === undefined) return undefined;
      const text = String(answer);
      if (await options.validateInput?.(text)) throw new Error(`The input "${title}" refuses "${text}"`);
      return text;
    },
    async showQuickPick(items: readonly vscode.QuickPickItem[], options: vscode.QuickPickOptions) {
      const label = show({
        kind: 'pick',
        text: options.title ?? '',
        detail: options.placeHolder,
        choices: items.map((item) => item.label),
        items,
      });
      return items.find((item) => item.label === label);
    },
    createInputBox: () => new StubInputBox(show),
    createQuickPick: () => new StubQuickPick(show),
  };
}
