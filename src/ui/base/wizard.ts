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
  /** true: it has a Back button also as the first one */
  readonly hasBack?: boolean;
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
  for (;;) {
    const state = await walkSteps({ title }, initial, steps);
    // The first question has no Back button.
    if (state !== BACK) return state;
  }
}

/**
 * Asks some questions in order, as a part of a flow.
 * @param frame `hasBack`: the first one has a Back button, which leads out of them
 * @returns the state after the last step, or BACK
 * @throws AbortError on Escape
 */
export async function walkSteps<State>(
  frame: Pick<StepFrame, 'title' | 'hasBack'>,
  initial: State,
  steps: readonly Step<State>[],
): Promise<State | typeof BACK> {
  const history: { index: number; state: State }[] = [];
  let state = initial;
  for (let index = 0; index < steps.length;) {
    // Skipped questions do not count.
    const totalSteps = steps.length - (index - history.length);
    const answer = await steps[index]?.(state, { ...frame, step: history.length + 1, totalSteps });
    if (answer === BACK) {
      const before = history.pop();
      if (!before) return BACK;
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
  /**
   * @returns the items to show for a typed text; one that has `alwaysShow` stands for the text itself, and Enter takes it
   * where no other matches
   */
  readonly typed?: ((text: string) => readonly Item[]) | undefined;
  /** @returns true for an item that only says something: Enter does nothing on it */
  readonly isInert?: ((item: Item) => boolean) | undefined;
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
  const { placeHolder, items, active } = question;
  const typed = (): readonly Item[] => question.typed?.(pick.value.trim()) ?? items;
  pick.placeholder = placeHolder;
  pick.items = items;
  pick.matchOnDescription = true;
  if (active) pick.activeItems = [active];
  return untilStepAnswered(vs, pick, (accept) => {
    if (question.typed) {
      pick.onDidChangeValue(() => {
        pick.items = typed();
      });
    }
    pick.onDidAccept(() => {
      const item = pick.selectedItems[0] ?? typed().find(({ alwaysShow }) => alwaysShow);
      if (item && question.isInert?.(item) !== true) accept(item);
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
  input.buttons = frame.hasBack === true || frame.step > 1 ? [vs.QuickInputButtons.Back] : [];
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
