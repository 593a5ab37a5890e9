import type * as vscode from 'vscode';
import { acceptText, untilAnswered, type TextQuestion } from './ask.ts';

/** The answer of a step when the user presses Back. */
export const BACK = Symbol('back');

/** The place of a question in its flow. */
export interface StepFrame {
  readonly title: string;
  /** from 1 */
  readonly step: number;
  readonly totalSteps: number;
}

/**
 * One question of a flow. It asks with `inputText`, `pickOne` or `pickMany`, and returns the state with the answer in it. A
 * step that has nothing to ask returns undefined and is skipped in both directions.
 */
export type Step<State> = (state: State, frame: StepFrame) => Promise<State | typeof BACK> | undefined;

/**
 * Asks a flow's questions in order. Back returns to the previous question and its answer. Escape ends the whole flow.
 * @returns the state after the last step
 * @throws AbortError on Escape
 */
export async function runWizard<State>(
  title: string,
  initial: State,
  steps: readonly Step<State>[],
): Promise<State> {
  const history: { index: number; state: State }[] = [];
  let state = initial;
  for (let index = 0; index < steps.length;) {
    // Skipped questions do not count.
    const totalSteps = steps.length - (index - history.length);
    const answer = await steps[index]?.(state, { title, step: history.length + 1, totalSteps });
    if (answer === BACK) {
      const before = history.pop();
      // The first question has no Back button.
      if (!before) continue;
      ({ index, state } = before);
    } else {
      if (answer !== undefined) {
        history.push({ index, state: answer });
        state = answer;
      }
      index += 1;
    }
  }
  return state;
}

/**
 * Asks for one line of text as a step of a flow.
 * @returns the text without the blanks around it, or BACK
 * @throws AbortError on Escape
 */
export function inputText(
  vs: typeof vscode,
  frame: StepFrame,
  question: TextQuestion,
): Promise<string | typeof BACK> {
  const input = vs.window.createInputBox();
  dressInput(vs, input, frame);
  return untilStepAnswered(vs, input, (accept) => {
    acceptText(input, question, accept);
  });
}

export interface PickQuestion<Item extends vscode.QuickPickItem> {
  readonly placeHolder: string;
  readonly items: readonly Item[];
  /** the item that Enter alone chooses */
  readonly active?: Item | undefined;
  /** @returns the item for a typed text that matches no item; undefined makes Enter do nothing */
  readonly typed?: ((text: string) => Item | undefined) | undefined;
}

/**
 * Asks for one of several items as a step of a flow.
 * @returns the item, or BACK
 * @throws AbortError on Escape
 */
export function pickOne<Item extends vscode.QuickPickItem>(
  vs: typeof vscode,
  frame: StepFrame,
  question: PickQuestion<Item>,
): Promise<Item | typeof BACK> {
  const pick = vs.window.createQuickPick<Item>();
  dressInput(vs, pick, frame);
  pick.placeholder = question.placeHolder;
  pick.items = question.items;
  pick.matchOnDescription = true;
  if (question.active) pick.activeItems = [question.active];
  return untilStepAnswered(vs, pick, (accept) => {
    pick.onDidAccept(() => {
      const item = pick.selectedItems[0] ?? question.typed?.(pick.value.trim());
      if (item) accept(item);
    });
  });
}

/**
 * Asks for any number of items as a step of a flow.
 * @param question `picked` are the items that are ticked at first
 * @returns the ticked items, or BACK
 * @throws AbortError on Escape
 */
export function pickMany<Item extends vscode.QuickPickItem>(
  vs: typeof vscode,
  frame: StepFrame,
  question: PickQuestion<Item> & { readonly picked: readonly Item[] },
): Promise<readonly Item[] | typeof BACK> {
  const pick = vs.window.createQuickPick<Item>();
  dressInput(vs, pick, frame);
  pick.placeholder = question.placeHolder;
  pick.canSelectMany = true;
  pick.items = question.items;
  pick.selectedItems = question.picked;
  return untilStepAnswered(vs, pick, (accept) => {
    pick.onDidAccept(() => {
      accept(pick.selectedItems);
    });
  });
}

/** Gives an input of ours the title, the place in its flow and the Back button. */
export function dressInput(vs: typeof vscode, input: StepInput, frame: StepFrame): void {
  input.title = frame.title;
  if (frame.totalSteps > 1) {
    input.step = frame.step;
    input.totalSteps = frame.totalSteps;
  }
  input.ignoreFocusOut = true;
  input.buttons = frame.step > 1 ? [vs.QuickInputButtons.Back] : [];
}

/** An input box or a quick pick. */
type StepInput = vscode.QuickInput & {
  buttons: readonly vscode.QuickInputButton[];
  readonly onDidTriggerButton: vscode.Event<vscode.QuickInputButton>;
};

/**
 * Shows an input until it has an answer. Back is an answer too.
 * @throws AbortError on Escape
 */
export function untilStepAnswered<Answer>(
  vs: typeof vscode,
  input: StepInput,
  listen: (accept: (answer: Answer) => void) => void,
): Promise<Answer | typeof BACK> {
  return untilAnswered<Answer | typeof BACK>(input, (accept) => {
    listen(accept);
    input.onDidTriggerButton((button) => {
      if (button === vs.QuickInputButtons.Back) accept(BACK);
    });
  });
}
