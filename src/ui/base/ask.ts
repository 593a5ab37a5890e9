import type * as vscode from 'vscode';

/** @returns the error for Escape in a dialog: the same AbortError as for any other cancel */
export function cancelled(): DOMException {
  return new DOMException('The user cancelled.', 'AbortError');
}

/** How one line of text is asked for. */
export interface TextQuestion {
  readonly prompt: string;
  readonly value?: string | undefined;
  readonly placeHolder?: string | undefined;
  readonly password?: boolean;
  /** @returns what is wrong with the text (without the blanks around it); undefined for a valid text */
  readonly validate?: (text: string) => string | undefined;
  /**
   * Asks elsewhere about a valid text while the box stays open. It never throws.
   * @returns what is wrong with the text; undefined closes the box
   */
  readonly check?: (text: string) => Promise<string | vscode.InputBoxValidationMessage | undefined>;
}

/**
 * Asks for one line of text. The box stays open while the user looks something up elsewhere.
 * @returns the text without the blanks around it
 * @throws AbortError on Escape
 */
export function askText(
  vs: typeof vscode,
  { title, ...question }: TextQuestion & { readonly title: string },
): Promise<string> {
  const input = vs.window.createInputBox();
  input.title = title;
  input.ignoreFocusOut = true;
  return untilAnswered(input, (accept) => {
    acceptText(input, question, accept);
  });
}

/** Fills an input box with a question, and calls `accept` with the first valid text. */
export function acceptText(
  input: vscode.InputBox,
  { prompt, value = '', placeHolder = '', password = false, validate, check }: TextQuestion,
  accept: (text: string) => void,
): void {
  input.prompt = prompt;
  input.value = value;
  input.placeholder = placeHolder;
  input.password = password;
  const problem = (): string | undefined => validate?.(input.value.trim());
  input.onDidChangeValue(() => {
    input.validationMessage = problem() ?? '';
  });
  const asked = async (text: string): Promise<void> => {
    Object.assign(input, { busy: true, enabled: false });
    const message = await check?.(text);
    Object.assign(input, { busy: false, enabled: true, validationMessage: message ?? '' });
    if (message === undefined) accept(text);
  };
  input.onDidAccept(() => {
    const message = problem();
    if (message !== undefined) input.validationMessage = message;
    else if (!check) accept(input.value.trim());
    else if (!input.busy) void asked(input.value.trim());
  });
}

/** How one of several items is asked for. */
export interface ItemQuestion<Item extends vscode.QuickPickItem> {
  readonly title: string;
  readonly placeHolder?: string;
  /** the item that Enter alone chooses; default: the first one */
  readonly active?: Item | undefined;
}

/**
 * Asks for one of several items.
 * @throws AbortError on Escape
 */
export function askItem<Item extends vscode.QuickPickItem>(
  vs: typeof vscode,
  items: readonly Item[],
  { title, placeHolder, active }: ItemQuestion<Item>,
): Promise<Item> {
  const pick = vs.window.createQuickPick<Item>();
  pick.title = title;
  pick.placeholder = placeHolder;
  pick.items = items;
  pick.matchOnDescription = true;
  pick.ignoreFocusOut = true;
  if (active) pick.activeItems = [active];
  return untilAnswered(pick, (accept) => {
    pick.onDidAccept(() => {
      const [item] = pick.selectedItems;
      if (item) accept(item);
    });
  });
}

/**
 * Shows an input until the user has answered.
 * @param listen calls `accept` with the answer
 * @throws AbortError when the user closes the input
 */
export function untilAnswered<Answer>(
  input: vscode.QuickInput,
  listen: (accept: (answer: Answer) => void) => void,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    listen(resolve);
    input.onDidHide(() => {
      reject(cancelled());
    });
    input.show();
  }).finally(() => {
    input.dispose();
  });
}
