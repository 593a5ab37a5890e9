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
    createInputBox: () => new StubInputBox(show),
    createQuickPick: () => new StubQuickPick(show),
  };
}
